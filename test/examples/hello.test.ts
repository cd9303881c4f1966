import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { parseDescriptor, renderDescriptor } from "../../src/appliance/index.ts";
import { useHello } from "../fixtures/hello-appliance.ts";

const run = promisify(execFile);

describe("the hello appliance", () => {
  const hello = useHello();

  it("is the same, byte for byte, when it is built again", async () => {
    const again = await hello.again("again");
    assert.ok((await readFile(again.tarball)).equals(await readFile(hello.appliance.tarball)));
  });

  it("has a descriptor in canonical form, without problems", async () => {
    const text = await readFile(path.join(hello.appliance.folder, "appliance.xml"), "utf8");
    const { appliance, problems } = parseDescriptor(text, "appliance.xml");
    assert.deepEqual(problems, []);
    assert.ok(appliance !== undefined);
    assert.equal(renderDescriptor(appliance), text);
  });

  it("is sparse on disk and in its tarball, which leaves the scratch disk out", async () => {
    const system = await stat(path.join(hello.appliance.folder, "system.raw"));
    assert.ok(system.blocks * 512 < system.size / 10);
    const { stdout } = await run("tar", ["-tf", hello.appliance.tarball]);
    assert.deepEqual(stdout.trim().split("\n"), [
      "hello-1.0/",
      "hello-1.0/appliance.xml",
      "hello-1.0/data.raw",
      "hello-1.0/system.raw",
    ]);
    const plain = (await run("sh", ["-c", `gzip -dc '${hello.appliance.tarball}' | wc -c`])).stdout;
    assert.ok(Number(plain) < system.size / 10);
    assert.deepEqual(
      (await readdir(hello.at(""))).filter((name) => name.startsWith(".")),
      [],
    );
  });
});

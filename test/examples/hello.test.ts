import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { buildHello, type HelloAppliance } from "../../examples/hello/index.ts";
import { parseDescriptor, renderDescriptor } from "../../src/appliance/index.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

const run = promisify(execFile);
const CACHE = path.join(import.meta.dirname, "../../.cache/debian");

describe("the hello appliance", () => {
  const folder = temporaryFolder();
  let hello: HelloAppliance;

  before(async () => {
    const options = { version: "1.0", outputFolder: folder, cacheFolder: CACHE };
    hello = await buildHello(options, testContext());
  });

  const at = (name: string): string => path.join(folder, name);

  it("is the same, byte for byte, when it is built again", async () => {
    const again = await buildHello(
      { version: "1.0", outputFolder: at("again"), cacheFolder: CACHE },
      testContext(),
    );
    assert.ok((await readFile(again.tarball)).equals(await readFile(hello.tarball)));
  });

  it("has a descriptor in canonical form, without problems", async () => {
    const text = await readFile(path.join(hello.folder, "appliance.xml"), "utf8");
    const { appliance, problems } = parseDescriptor(text, "appliance.xml");
    assert.deepEqual(problems, []);
    assert.ok(appliance !== undefined);
    assert.equal(renderDescriptor(appliance), text);
  });

  it("is sparse on disk and in its tarball, which leaves the scratch disk out", async () => {
    const system = await stat(path.join(hello.folder, "system.raw"));
    assert.ok(system.blocks * 512 < system.size / 10);
    const { stdout } = await run("tar", ["-tf", hello.tarball]);
    assert.deepEqual(stdout.trim().split("\n"), [
      "hello-1.0/",
      "hello-1.0/appliance.xml",
      "hello-1.0/data.raw",
      "hello-1.0/system.raw",
    ]);
    const plain = (await run("sh", ["-c", `gzip -dc '${hello.tarball}' | wc -c`])).stdout;
    assert.ok(Number(plain) < system.size / 10);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith(".")),
      [],
    );
  });
});

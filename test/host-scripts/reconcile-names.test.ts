import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { namesIn, temporaryFolder } from "../support/temporary.ts";
import { HostTree, type InstalledAppliance, sha256 } from "../fixtures/host-tree.ts";

const BASE = "web-appliance-1.0-1-disk.raw";
const CONTENT = "the disk";
const web: InstalledAppliance = {
  package: "web-appliance",
  versionRelease: "1.0-1",
  payload: { "disk.raw.zst": execFileSync("zstd", ["-q", "-c"], { input: CONTENT }) },
  lines: [["expand", "disk.raw.zst", BASE, CONTENT.length, sha256(CONTENT)].join("\t")],
};

describe("reconcile, giving a base its name", () => {
  const root = temporaryFolder({ per: "test" });
  let host: HostTree;
  let programs: string;
  beforeEach(async () => {
    host = new HostTree(root);
    programs = host.at("programs");
    await mkdir(programs);
  });

  /** Puts a program in the place of one of the system, which it may call as "$real". */
  async function replaceProgram(name: string, text: string): Promise<void> {
    const real = execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    const file = path.join(programs, name);
    await writeFile(file, `#!/bin/sh\nreal=${real}\n${text}\n`);
    await chmod(file, 0o755);
  }

  it("syncs its content first, and has it read-only by then", async () => {
    const log = host.at("log");
    for (const name of ["sync", "ln", "mv", "chmod"]) {
      const text = `echo "${name} $*" | sed 's|${host.root}/[^ ]*/||g' >>'${log}'`;
      await replaceProgram(name, `${text}; exec "$real" "$@"`);
    }
    await host.install(web);
    assert.equal((await host.reconcileWith(programs)).exitCode, 0);
    const calls = (await readFile(log, "utf8")).split("\n").filter((line) => line.includes(BASE));
    assert.deepEqual(calls.slice(0, 3), [
      `chmod 0444 -- .${BASE}.unpacking`,
      `sync -- .${BASE}.unpacking`,
      `ln -T -- .${BASE}.unpacking ${BASE}`,
    ]);
  });

  for (const [links, ln] of [
    ["with hard links", 'exec "$real" "$@"'],
    ["without hard links", "exit 1"],
  ] as const) {
    it(`does not replace one that came meanwhile, on a file system ${links}`, async () => {
      await replaceProgram("ln", ln);
      // The last that is done before the name is given.
      await replaceProgram("sync", `echo another >'${host.base(BASE)}'; exec "$real" "$@"`);
      await host.install(web);
      for (const _ of [1, 2]) {
        const answer = await host.reconcileWith(programs);
        assert.equal(answer.exitCode, 1);
        assert.match(answer.stderr, new RegExp(`${BASE}.*not overwritten`));
        assert.equal(await readFile(host.base(BASE), "utf8"), "another\n");
      }
      assert.deepEqual(await namesIn(host.base("")), [BASE]);
      // A record with the expected digest would pass the file off as the base from then on.
      const record = `var/lib/virt-appliance/bases/${BASE}`;
      assert.doesNotMatch(await host.read(record), new RegExp(sha256(CONTENT)));
    });

    it(`takes one that came meanwhile with the right content, on a file system ${links}`, async () => {
      await replaceProgram("ln", ln);
      const came = `[ -e '${host.base(BASE)}' ] || printf '%s' '${CONTENT}' >'${host.base(BASE)}'`;
      await replaceProgram("sync", `${came}; exec "$real" "$@"`);
      await host.install(web);
      const answer = await host.reconcileWith(programs);
      assert.deepEqual([answer.exitCode, answer.stderr], [0, ""]);
      assert.equal(await readFile(host.base(BASE), "utf8"), CONTENT);
    });
  }

  it("links no payload of another size than the list says, and makes a link read-only", async () => {
    const appliance = { ...web, payload: { "disk.raw": CONTENT } };
    const line = (bytes: number): string =>
      ["link", "disk.raw", BASE, bytes, sha256(CONTENT)].join("\t");
    await host.install({ ...appliance, lines: [line(CONTENT.length + 1)] });
    const refused = await host.reconcile();
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /disk\.raw has 8 bytes, expected 9: reinstall the package/);
    assert.deepEqual(await namesIn(host.base("")), []);
    await host.install({ ...appliance, lines: [line(CONTENT.length)] });
    await chmod(host.payload(web, "disk.raw"), 0o640);
    assert.equal((await host.reconcile()).exitCode, 0);
    assert.equal((await stat(host.base(BASE))).mode & 0o777, 0o444);
  });

  it("reports that no name can be given", async () => {
    const fails = 'case $* in *.unpacking*) echo "no names here" >&2; exit 1 ;; esac';
    for (const name of ["ln", "mv"]) await replaceProgram(name, `${fails}; exec "$real" "$@"`);
    await host.install(web);
    const answer = await host.reconcileWith(programs);
    assert.equal(answer.exitCode, 1);
    assert.match(answer.stderr, new RegExp(`${BASE} could not be created: no names here;`));
    assert.match(await host.outcome(web), /^status: incomplete$/m);
    assert.deepEqual(await namesIn(host.base("")), []);
  });
});

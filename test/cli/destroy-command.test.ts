import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { RunResult } from "../../src/lib/exec.ts";
import { runProgram } from "../support/run-program.ts";
import { temporaryFolder } from "../support/temporary.ts";

const UUID = "11111111-2222-3333-4444-555555555555";
const DATA = "/nowhere/vm1-data.raw";

/** A host of libvirt's own test driver, with one VM that runs. */
const node = `<node><domain type="test"><name>vm1</name><uuid>${UUID}</uuid>
  <metadata><va:instance xmlns:va="http://virt-appliance/instance/1" uuid="${UUID}" appliance="web" package="web-appliance"
    created="2026-01-01T00:00:00.000Z">
    <va:current version="1.0" release="1" since="2026-01-01T00:00:00.000Z" boot="0">
      <va:disk id="data" role="data" kind="empty" path="${DATA}" format="raw" target="vdb"/>
    </va:current></va:instance></metadata>
  <memory>1024</memory><os><type>hvm</type></os>
  <devices><disk type="file" device="disk"><driver name="qemu" type="raw"/><source file="${DATA}"/><target dev="vdb"/></disk></devices>
  </domain></node>`;

describe("destroy on the command line", () => {
  const folder = temporaryFolder();
  before(async () => {
    await writeFile(path.join(folder, "node.xml"), node);
  });
  const destroy = (...options: readonly string[]): Promise<RunResult> => {
    const uri = `test://${path.join(folder, "node.xml")}`;
    const args = ["destroy", "vm1", "--dry-run", "--connect", uri, ...options];
    return runProgram(args, { acceptExitCodes: [1] });
  };

  it("stops a running VM only when asked to", async () => {
    const refused = await destroy();
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /it is running; shut it down, or use --stop/);
    const { exitCode, stdout } = await destroy("--stop");
    assert.equal(exitCode, 0);
    assert.match(stdout, /^force vm1 off$/m);
  });

  it("keeps data when asked to, and removes them else", async () => {
    const removed = await destroy("--stop");
    assert.ok(removed.stdout.includes(`remove ${DATA}`), removed.stdout);
    const kept = await destroy("--stop", "--keep-data");
    assert.ok(!kept.stdout.includes(`remove ${DATA}`), kept.stdout);
    assert.ok(kept.stdout.split("\n").includes(DATA), kept.stdout);
  });
});

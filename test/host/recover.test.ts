import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { recoverInterrupted } from "../../src/host/host.ts";
import { openTemporaryFolder } from "../../src/lib/atomic.ts";
import { openHostFixture } from "./fixture.ts";

/** Leaves a temporary folder as a process does that is killed. */
async function leaveBehind(parent: string): Promise<void> {
  const script = `
    import { openTemporaryFolder } from "${new URL("../../src/lib/atomic.ts", import.meta.url).href}";
    await openTemporaryFolder(${JSON.stringify(parent)});
    process.kill(process.pid, "SIGKILL");`;
  const words = ["--import", "tsx", "--input-type=module", "-e", script];
  const child = spawn(process.execPath, words);
  const [, signal] = (await once(child, "exit")) as [number | null, string | null];
  assert.equal(signal, "SIGKILL");
}

describe("recover", () => {
  it("removes what killed processes were preparing, and nothing of those at work", async () => {
    await using host = await openHostFixture();
    const { root, payloadDir } = host.paths;
    const staging = path.dirname(payloadDir);
    await mkdir(staging, { recursive: true });
    for (const parent of [root, staging]) await leaveBehind(parent);
    await using working = await openTemporaryFolder(staging);
    await leaveBehind(staging);
    assert.deepEqual(await recoverInterrupted(await host.open()), []);
    const left = async (folder: string): Promise<readonly string[]> =>
      (await readdir(folder)).filter((name) => name.startsWith(".virt-appliance-"));
    assert.deepEqual(await left(root), []);
    assert.deepEqual(await left(staging), [path.basename(working.path)]);
  });
});

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { createVm } from "../../src/host/create/create.ts";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import { ApplianceError } from "../../src/errors.ts";
import { openTemporaryFolder } from "../../src/lib/atomic.ts";
import { killingHook } from "../support/kill-points.ts";
import { addAppliance, openHostFixture, request } from "../fixtures/memory-host.ts";
import { put } from "../fixtures/host-bases.ts";

/** Runs a line of TypeScript in a process that is killed there. */
async function leaveBehind(line: string): Promise<void> {
  const script = `
    import { openTemporaryFolder, writeAtomically } from "${new URL("../../src/lib/atomic.ts", import.meta.url).href}";
    const die = () => process.kill(process.pid, "SIGKILL");
    ${line}
    die();`;
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
    const open = (parent: string): string => `await openTemporaryFolder("${parent}")`;
    for (const parent of [root, staging]) await leaveBehind(open(parent));
    await using working = await openTemporaryFolder(staging);
    await leaveBehind(open(staging));
    assert.deepEqual(await recoverInterrupted(await host.open()), []);
    const left = async (folder: string): Promise<readonly string[]> =>
      (await readdir(folder)).filter((name) => name.startsWith(".virt-appliance-"));
    assert.deepEqual(await left(root), []);
    assert.deepEqual(await left(staging), [path.basename(working.path)]);
  });

  it("leaves alone what an entry of another version is about, and that only", async () => {
    await using host = await openHostFixture();
    await addAppliance(host);
    const entry = path.join(host.paths.stateDir, "journal", "20260101-update-x.json");
    const write = (text: string): Promise<void> => put(entry, text);
    const create = async (vm: string): Promise<unknown> =>
      createVm(await host.open(), request({ vm, start: false }));
    await write('{"schema":2,"subject":"vm2","verb":"update"}');
    assert.deepEqual(await recoverInterrupted(await host.open()), ["vm2"]);
    await create("vm1");
    await assert.rejects(create("vm2"), {
      code: "LIB_JOURNAL_UNKNOWN",
      message: `${entry}: a journal entry of schema 2, expected one of schema 1; its subject is vm2 (update)`,
    });
    await write("{");
    assert.deepEqual(await recoverInterrupted(await host.open()), [entry]);
    await assert.rejects(create("vm3"), { code: "LIB_JOURNAL_UNKNOWN" });
    await rm(entry);
    await create("vm2");
  });

  it("leaves alone an operation that came to its end while its lock was taken", async () => {
    await using host = await openHostFixture();
    await addAppliance(host);
    await createVm(await host.open(killingHook(6, "after")), request()).catch(() => undefined);
    const opened = await host.open();
    const [found, ...more] = await opened.journal.pending();
    assert.deepEqual([found?.subject, more], ["vm1", []]);
    const answers = [[found], []].map((each) => each.filter((one) => one !== undefined));
    const asked: string[] = [];
    const journal = {
      ...opened.journal,
      pending: async () => answers.shift() ?? [],
      recover: async () => {
        asked.push("recover");
        return "undone" as const;
      },
    };
    assert.deepEqual(await recoverInterrupted({ ...opened, journal }), []);
    assert.deepEqual([asked, answers], [[], []]);
  });

  it("keeps commands from a VM whose operation can neither be finished nor undone", async () => {
    await using host = await openHostFixture();
    await addAppliance(host);
    await createVm(await host.open(killingHook(6, "after")), request()).catch(() => undefined);
    const before = await host.files();
    const create = async (vm: string): Promise<unknown> => {
      const opened = await host.open();
      const recover = () =>
        Promise.reject(new ApplianceError("LIB_IO", `${host.paths.diskDir}: read-only`));
      const journal = { ...opened.journal, recover };
      return createVm({ ...opened, journal }, request({ vm, start: false }));
    };
    await assert.rejects(create("vm1"), {
      code: "HOST_INTERRUPTED",
      message: "vm1: an earlier operation is incomplete",
    });
    assert.deepEqual(await host.files(), before);
    // Other VMs are not kept from anything, and the lock is given back.
    await create("vm2");
    assert.deepEqual(await recoverInterrupted(await host.open()), []);
    await createVm(await host.open(), request({ start: false }));
  });

  it("removes with a file what a killed process was writing to become it", async () => {
    await using host = await openHostFixture();
    const { diskDir } = host.paths;
    for (const name of ["vm1-data.qcow2", "vm1-data.qcow"])
      await leaveBehind(`await writeAtomically("${path.join(diskDir, name)}", die)`);
    const left = async (): Promise<readonly string[]> =>
      (await readdir(diskDir)).filter((name) => name.startsWith("."));
    assert.equal((await left()).length, 2);
    const { effects } = await host.open();
    await effects.remove(path.join(diskDir, "vm1-data.qcow2"));
    const [other, ...more] = await left();
    assert.match(other ?? "", /^\.vm1-data\.qcow\..*\.tmp$/);
    assert.deepEqual(more, []);
  });
});

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { spawn } from "node:child_process";
import { once } from "node:events";
import os from "node:os";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { takeLock } from "../../src/lib/lock.ts";
import { testContext } from "../support/context.ts";

describe("takeLock", () => {
  const context = testContext();
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "lock-"));
    file = path.join(folder, "made", "lock");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("holds until it is disposed of, and says who holds it", async () => {
    {
      await using lock = await takeLock(file, { purpose: "a test" }, context);
      assert.equal(lock.held, true);
      assert.match(await readFile(file, "utf8"), new RegExp(`process ${process.pid} on .*a test`));
      await assert.rejects(
        takeLock(file, { purpose: "another", waitSeconds: 0 }, context),
        (error) =>
          error instanceof ApplianceError &&
          error.code === "LIB_LOCKED" &&
          error.message.includes(`process ${process.pid} on`),
      );
    }
    await using again = await takeLock(file, { purpose: "again", waitSeconds: 0 }, context);
    assert.equal(again.held, true);
  });

  it("waits for another to end", async () => {
    const first = await takeLock(file, { purpose: "first" }, context);
    const order: string[] = [];
    const second = takeLock(file, { purpose: "second", waitSeconds: 20 }, context).then((lock) => {
      order.push("second");
      return lock;
    });
    order.push("first");
    await first[Symbol.asyncDispose]();
    await (await second)[Symbol.asyncDispose]();
    assert.deepEqual(order, ["first", "second"]);
  });

  it("is free again when its holder is killed", async () => {
    const script = `
      import { takeLock } from "${new URL("../../src/lib/lock.ts", import.meta.url).href}";
      import { testContext } from "${new URL("../support/context.ts", import.meta.url).href}";
      const lock = await takeLock(${JSON.stringify(file)}, { purpose: "victim" }, testContext());
      console.log(lock.held);
      setInterval(() => {}, 1000);`;
    const victim = spawn(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "-e", script],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    await once(victim.stdout, "data");
    await assert.rejects(takeLock(file, { purpose: "early", waitSeconds: 0 }, context));
    victim.kill("SIGKILL");
    await once(victim, "exit");
    await using lock = await takeLock(file, { purpose: "heir", waitSeconds: 10 }, context);
    assert.equal(lock.held, true);
  });

  it("says that it was lost when flock is ended by somebody", async () => {
    const pids: number[] = [];
    await using lock = await takeLock(file, { purpose: "a test" }, context);
    const { stdout } = await context.run("pgrep", ["-P", String(process.pid), "-x", "flock"]);
    pids.push(...stdout.trim().split("\n").map(Number));
    for (const pid of pids) process.kill(pid);
    for (let i = 0; i < 100 && lock.held; i += 1) await new Promise(setImmediate);
    const until = performance.now() + 5000;
    while (lock.held && performance.now() < until) await new Promise((r) => setTimeout(r, 5));
    assert.equal(lock.held, false);
  });
});

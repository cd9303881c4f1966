import assert from "node:assert/strict";
import { mkdir, readFile, rm, symlink } from "node:fs/promises";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { makeRun } from "../../src/lib/exec.ts";
import { takeLock } from "../../src/lib/lock.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

describe("takeLock", () => {
  const context = testContext();
  const folder = temporaryFolder({ per: "test" });
  let file: string;
  beforeEach(async () => {
    file = path.join(folder, "made", "lock");
  });

  it("holds until it is disposed of, and names its holder", async () => {
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

  it("tries again when the holder removed the file", async () => {
    const first = await takeLock(file, { purpose: "first" }, context);
    const waiting = ["second", "third"].map((purpose) =>
      takeLock(file, { purpose, waitSeconds: 20 }, context),
    );
    await sleep(300);
    await rm(path.dirname(file), { recursive: true });
    await first[Symbol.asyncDispose]();
    const second = await Promise.race(waiting);
    assert.match(await readFile(file, "utf8"), /second|third/);
    await assert.rejects(
      takeLock(file, { purpose: "another", waitSeconds: 0 }, context),
      (error) => error instanceof ApplianceError && error.code === "LIB_LOCKED",
    );
    await second[Symbol.asyncDispose]();
    for (const lock of await Promise.all(waiting)) await lock[Symbol.asyncDispose]();
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

  it("is kept while an interrupted holder cleans up, until that disposes of it", async () => {
    const controller = new AbortController();
    const interrupted = testContext({ signal: controller.signal });
    const lock = await takeLock(file, { purpose: "cleaning" }, interrupted);
    controller.abort();
    const { stdout } = await context.run("pgrep", ["-P", String(process.pid), "-x", "flock"]);
    // Ctrl-C on a terminal reaches the program that holds the lock as well.
    for (const pid of stdout.trim().split("\n")) process.kill(Number(pid), "SIGINT");
    const early = takeLock(file, { purpose: "early", waitSeconds: 0 }, context);
    await assert.rejects(early, { code: "LIB_LOCKED" });
    assert.equal(lock.held, true);
    await lock[Symbol.asyncDispose]();
    await using next = await takeLock(file, { purpose: "next", waitSeconds: 0 }, context);
    assert.equal(next.held, true);
  });

  it("is no longer waited for when the one who waits is interrupted", async () => {
    await using lock = await takeLock(file, { purpose: "first" }, context);
    const controller = new AbortController();
    const logger = { ...context.logger, info: () => controller.abort() };
    const waiting = testContext({ signal: controller.signal, logger });
    await assert.rejects(takeLock(file, { purpose: "second" }, waiting), {
      code: "LIB_INTERRUPTED",
    });
    assert.equal(lock.held, true);
  });

  it("is not taken by one who is interrupted at that very moment", async () => {
    const controller = new AbortController();
    const run: typeof context.run = (program, args, options) =>
      makeRun(process.env["PATH"] ?? "", controller.signal)(program, args, {
        ...options,
        onStdout: (text) => {
          controller.abort();
          options?.onStdout?.(text);
        },
      });
    const interrupted = testContext({ signal: controller.signal, run });
    await assert.rejects(takeLock(file, { purpose: "first" }, interrupted), {
      code: "LIB_INTERRUPTED",
    });
    await using lock = await takeLock(file, { purpose: "second", waitSeconds: 0 }, context);
    assert.equal(lock.held, true);
  });

  it("is free again when its holder could not be written down", async () => {
    const clockless = testContext({
      now: () => {
        throw new RangeError("no clock");
      },
    });
    await assert.rejects(takeLock(file, { purpose: "first" }, clockless), RangeError);
    await using lock = await takeLock(file, { purpose: "second", waitSeconds: 0 }, context);
    assert.equal(lock.held, true);
  });

  it("says what to install when there is no flock", async () => {
    const bin = path.join(folder, "bin");
    await mkdir(bin);
    await symlink("/bin/sh", path.join(bin, "sh"));
    const bare = testContext({ run: makeRun(bin, context.signal) });
    await assert.rejects(takeLock(file, { purpose: "a test" }, bare), {
      code: "LIB_EXEC_MISSING",
      hint: "install the package util-linux",
    });
  });

  it("reports that the lock was lost when flock was ended", async () => {
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

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { testContext } from "../support/context.ts";
import { runTool } from "../fixtures/appliance-folder.ts";
import { withFolder } from "../support/temporary.ts";

describe("run", () => {
  const { run } = testContext();
  const exit = (status: number, ...accepted: number[]): ReturnType<typeof run> =>
    run("sh", ["-c", 'exit "$1"', "sh", String(status)], { acceptExitCodes: accepted });

  it("accepts only the given exit statuses", async () => {
    assert.equal((await exit(0)).exitCode, 0);
    assert.equal((await exit(3, 3)).exitCode, 3);
    assert.equal((await exit(0, 3)).exitCode, 0);
    for (const [status, accepted] of [
      [1, []],
      [2, [1]],
      [1, [2, 3]],
    ] as const) {
      await assert.rejects(exit(status, ...accepted), { code: "LIB_EXEC_FAILED" });
    }
  });

  it("an end by a signal is no exit status", async () => {
    await assert.rejects(run("sh", ["-c", "kill -9 $$"], { acceptExitCodes: [137, 9] }), {
      code: "LIB_EXEC_FAILED",
      message: /was ended by SIGKILL/,
    });
  });

  it("ends the children of a program that ended well, and tells a time limit as it was given", async () => {
    const options = { endsChildren: true, timeoutMs: 20_000 };
    assert.equal((await run("sh", ["-c", "sleep 300 & echo done"], options)).stdout, "done\n");
    await assert.rejects(run("sleep", ["300"], { ...options, timeoutMs: 100 }), {
      message: "sleep: did not end within 0.1 seconds: sleep 300",
    });
  });

  it("reports the output of a program that failed", async () => {
    await assert.rejects(run("sh", ["-c", "echo one >&2; echo two >&2; exit 4"]), (error) => {
      assert.ok(error instanceof ApplianceError);
      assert.match(error.message, /^sh: ended with status 4, expected 0/);
      assert.deepEqual(error.details, ["one", "two"]);
      return true;
    });
  });

  it("gives a program nothing of the environment but PATH, and no input", async () => {
    const { stdout } = await run("sh", ["-c", "env | cut -d= -f1 | sort; cat"]);
    // The shell's own, and what Node hands to every child while coverage is measured.
    const others = ["_", "PWD", "SHLVL", "NODE_V8_COVERAGE", ""];
    assert.deepEqual(
      stdout.split("\n").filter((name) => !others.includes(name)),
      ["LC_ALL", "PATH"],
    );
  });

  it(
    "hands a plain file over as standard input, and refuses what is none",
    withFolder(async (folder) => {
      const file = path.join(folder, "file");
      await writeFile(file, "content");
      assert.equal((await run("cat", [], { inputFile: file })).stdout, "content");
      const fifo = path.join(folder, "fifo");
      await runTool("mkfifo", fifo);
      await assert.rejects(run("cat", [], { inputFile: fifo }), { code: "LIB_IO" });
    }),
  );

  it("ends a program that takes too long, and one that is interrupted", async () => {
    await assert.rejects(run("sleep", ["60"], { timeoutMs: 50 }), {
      code: "LIB_EXEC_FAILED",
      message: /did not end within/,
    });
    await assert.rejects(run("sleep", ["60"], { signal: AbortSignal.timeout(50) }), {
      code: "LIB_INTERRUPTED",
    });
  });
});

import assert from "node:assert/strict";
import { errorCodes } from "../../../src/errors.ts";
import { openSigner } from "../../../src/sign/index.ts";
import { type BundledProgram, openMeasuredProgram } from "../../support/bundled-program.ts";
import { testContext } from "../../support/context.ts";
import { namesIn, withFolder } from "../../support/temporary.ts";

/** Makes a key on a terminal on which these lines are typed; returns status and all that the terminal showed. */
async function makeKey(
  built: BundledProgram,
  folder: string,
  typed: readonly string[],
): Promise<{ readonly exitCode: number; readonly shown: string }> {
  const keysGenerate = `keys generate --name web --email web@example.com -o '${folder}'`;
  const command = `exec '${process.execPath}' '${built.main}' ${keysGenerate}`;
  const { exitCode, stdout } = await testContext().run(
    "script",
    ["--quiet", "--return", "--echo", "never", "--command", command, "/dev/null"],
    {
      input: typed.map((line) => `${line}\r`).join(""),
      env: { TERM: "dumb", HOME: folder },
      acceptExitCodes: [1, 2],
    },
  );
  return { exitCode, shown: stdout };
}

describe("the passphrase of a new key, on a terminal", () => {
  let built: BundledProgram;
  before(async () => {
    built = await openMeasuredProgram();
  });
  after(() => built[Symbol.asyncDispose]());

  it(
    "is asked for twice, and makes no key when the two differ",
    withFolder(async (folder) => {
      for (const second of ["correct hose", ""]) {
        const { exitCode, shown } = await makeKey(built, folder, ["correct horse", second]);
        assert.equal(exitCode, errorCodes.CLI_USAGE.exit, shown);
        assert.match(
          shown,
          /passphrase for the new key[^]*repeat the passphrase[^]*two entries differ/,
        );
        assert.doesNotMatch(shown, /correct/);
        assert.deepEqual(await namesIn(folder), []);
      }
    }),
  );

  it(
    "locks the key when they are the same",
    withFolder(async (folder) => {
      const { exitCode, shown } = await makeKey(built, folder, ["correct horse", "correct horse"]);
      assert.equal(exitCode, 0, shown);
      assert.doesNotMatch(shown, /correct|not locked/);
      const open = (given: string) =>
        openSigner({ key: "web", folder, now: new Date(), passphrase: async () => given });
      assert.match((await open("correct horse")).fingerprint, /^[0-9a-f]{40}$/);
      await assert.rejects(open("correct hose"), { code: "SIGN_WRONG_PASSPHRASE" });
    }),
  );
});

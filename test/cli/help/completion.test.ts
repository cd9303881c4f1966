import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { documentProgram } from "../../../src/cli/own-packages/make-tool-package.ts";
import { commands } from "../../../src/cli/commands.ts";
import { testContext } from "../../support/context.ts";
import { withFolder } from "../../support/temporary.ts";

const { run } = testContext();

/** Asks a real bash what the words could go on with; `files` stands for bash's own completion of file names. */
const ASK = `
source "$1"; shift
compopt() { echo files; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_virt_appliance
printf '%s\\n' "\${COMPREPLY[@]}"
`;

async function complete(
  folder: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const script = path.join(folder, "completion.bash");
  const { completion } = await documentProgram({ version: "1", dateSeconds: 0 }, commands);
  await writeFile(script, completion);
  const argv = ["--norc", "-u", "-c", ASK, "bash", script, "virt-appliance", ...words];
  const { stdout, stderr } = await run("bash", argv, { env });
  assert.equal(stderr, "");
  return stdout.split("\n").filter((line) => line !== "");
}

/** Words typed, the last of them not yet done; what is offered. */
const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["commands", ["ver"], ["verify"]],
  ["commands behind a global option", ["--json", "ver"], ["verify"]],
  ["commands of a family", ["keys", ""], ["generate", "list", "export"]],
  ["options", ["keys", "generate", "--e"], ["--email", "--expires"]],
  ["options of no other command", ["keys", "list", "--e"], []],
  ["a switch that is on, to be switched off", ["repo", "init", "--no"], ["--no-host-package"]],
  ["global options", ["list", "--q"], ["--quiet"]],
  ["files as arguments", ["build", "w"], ["files"]],
  ["files as further arguments", ["build", "a.tar", "w"], ["files"]],
  ["files as values", ["build", "-o", ""], ["files"]],
  ["files as values behind =", ["build", "--output", "=", "x"], ["files"]],
  ["files as values just behind =", ["build", "--output", "="], ["files"]],
  ["an argument, when an option has its value", ["build", "--release", "=", "3", ""], ["files"]],
  ["nothing for what nobody can guess", ["create", "web", "vm1", "--connect", ""], []],
  ["nothing for a number", ["create", "web", "vm1", "--vcpus", ""], []],
  ["nothing for a new name", ["create", "web", "v"], []],
  ["nothing behind --", ["create", "web", "vm1", "--", "--"], []],
  ["nothing for an unknown command", ["nonsense", ""], []],
  ["nothing for a command without arguments", ["list", ""], []],
];

describe("completion of bash", () => {
  for (const [name, words, offered] of cases) {
    it(
      `offers ${name}`,
      withFolder(async (folder) => {
        assert.deepEqual(await complete(folder, words), offered);
      }),
    );
  }

  it(
    "offers names of keys, and runs nothing that a name says",
    withFolder(async (folder) => {
      const keys = path.join(folder, "virt-appliance/keys");
      const trap = "$(touch trapped)";
      await mkdir(keys, { recursive: true });
      for (const name of ["release", "test", trap, "two words"]) {
        await writeFile(path.join(keys, `${name}.secret.asc`), "");
      }
      const env = { XDG_DATA_HOME: folder };
      const offered = await complete(folder, ["build", "x", "--sign", ""], env);
      assert.deepEqual(
        [...offered].sort(),
        ["\\$\\(touch\\ trapped\\)", "release", "test", "two\\ words"].sort(),
      );
      assert.deepEqual(await complete(folder, ["keys", "export", "te"], env), ["test"]);
    }),
  );

  it(
    "pleases shellcheck",
    withFolder(async (folder) => {
      await complete(folder, [""]);
      await run("shellcheck", [path.join(folder, "completion.bash")]);
    }),
  );
});

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { errorCodes } from "../../../src/errors.ts";
import { documentProgram } from "../../../src/cli/own-packages/make-tool-package.ts";
import { renderManual } from "../../../src/cli/help/render-manual.ts";
import {
  describeCommand,
  type CommandDescription,
} from "../../../src/cli/help/describe-command.ts";
import { commands } from "../../../src/cli/commands.ts";
import { testContext } from "../../support/context.ts";
import { withFolder } from "../../support/temporary.ts";

const { run } = testContext();
const program = { version: "1.2.3", dateSeconds: 1_700_000_000 };

/** Reads a page with the real man(1), as 120 columns of plain text; returns what it found fault with, too. */
async function read(page: string, folder: string): Promise<{ text: string; faults: string }> {
  const file = path.join(folder, "page.1");
  await writeFile(file, page);
  const { stdout, stderr } = await run("man", ["--warnings", "--local-file", file], {
    env: { MANWIDTH: "120", MANPAGER: "cat", LC_ALL: "C.UTF-8" },
  });
  return { text: stdout, faults: stderr };
}

describe("manual page", () => {
  it(
    "reads without fault, and names every command, option and error",
    withFolder(async (folder) => {
      const { manual } = await documentProgram(program, commands);
      const { text, faults } = await read(manual, folder);
      assert.equal(faults, "");
      assert.match(text, /virt-appliance 1\.2\.3 +2023-11-14/);
      for (const entry of commands) {
        const described = await describeCommand(entry);
        for (const command of described.commands.length === 0 ? [described] : described.commands) {
          const start = text.indexOf(`\n   ${command.name}\n`);
          assert.notEqual(start, -1, command.name);
          const rest = text.slice(start + 1);
          const part = rest.slice(0, rest.search(/\n {0,3}\S/));
          for (const { name, isOn, isHidden } of command.options) {
            if (isHidden) continue;
            assert.ok(part.includes(`--${isOn ? "no-" : ""}${name}`), `${command.name} --${name}`);
          }
        }
      }
      for (const code of Object.keys(errorCodes)) assert.ok(text.includes(code), code);
    }),
  );

  it("is ASCII, with lines of at most 80 characters but where they are to be copied", async () => {
    const { manual } = await documentProgram(program, commands);
    assert.match(manual, /^[\n -~]*$/);
    const prose = manual.replace(/^\.nf$[^]*?^\.fi$/gm, "");
    const long = prose.split("\n").filter((line) => line.length > 80 && !/^[.\\]/.test(line));
    assert.deepEqual(long, []);
  });

  it(
    "shows texts as they are, whatever roff would take them for",
    withFolder(async (folder) => {
      const texts = [".SH trap", "'br trap", "\\fBtrap\\fR", 'a "quoted" text', "-- 5\u00a0€ – ü"];
      const command: CommandDescription = {
        name: "trap",
        usage: "",
        summary: "a trap",
        positionals: [],
        options: [],
        examples: texts.map((text) => [text, text] as const),
        exitStatuses: { 1: "a trap closed" },
        commands: [],
      };
      const { text, faults } = await read(renderManual([command], program), folder);
      assert.equal(faults, "");
      for (const one of texts) assert.equal(text.split(one).length, 3, one);
    }),
  );
});

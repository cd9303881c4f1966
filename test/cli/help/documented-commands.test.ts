import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import {
  describeCommand,
  type CommandDescription,
} from "../../../src/cli/help/describe-command.ts";
import { commands } from "../../../src/cli/commands.ts";

const root = path.join(import.meta.dirname, "../../..");

/** A command as a page shows it. */
interface Shown {
  readonly page: string;
  readonly line: string;
  /** `update`, `repo add`. */
  readonly command: string;
  /** Those of virt-appliance; the words after `--` are virt-install's. */
  readonly options: readonly string[];
}

function parse(page: string, line: string): Shown {
  const [command = ""] = line.split(/\s#|\s--\s/);
  const [, ...words] = command.trim().split(/\s+/);
  const depth = ["repo", "recipe", "keys"].includes(words[0] ?? "") ? 2 : 1;
  const options = words.flatMap((word) => /^--?[a-z][a-z-]*/.exec(word) ?? []);
  return { page, line: line.trim(), command: words.slice(0, depth).join(" "), options };
}

/** Returns every command of the pages that has its own line. */
async function shownCommands(): Promise<readonly Shown[]> {
  const docs = (await readdir(path.join(root, "docs"))).filter((name) => name.endsWith(".md"));
  // test/e2e/readme.test.ts runs what README.md shows; demo.md is the output of a program.
  const pages = docs.filter((name) => name !== "demo.md").map((name) => `docs/${name}`);
  const shown: Shown[] = [];
  for (const page of pages) {
    const text = await readFile(path.join(root, page), "utf8");
    let isCode = false;
    for (const line of text.split("\n")) {
      if (line.startsWith("```")) isCode = !isCode;
      const [, command] = /^(?: *\$ | {4}|)(virt-appliance [a-z][a-z-]*\b.*)$/.exec(line) ?? [];
      if (command !== undefined && (isCode || line.startsWith("    ")))
        shown.push(parse(page, command));
    }
  }
  return shown;
}

describe("commands that the pages show", () => {
  it("have commands and options that there are", async () => {
    const shown = await shownCommands();
    assert.ok(shown.length > 15, `${shown.length}`);
    const known = new Map<string, CommandDescription>();
    const add = (description: CommandDescription): void => {
      known.set(description.name, description);
      description.commands.forEach(add);
    };
    for (const entry of commands) add(await describeCommand(entry));
    for (const { page, line, command, options } of shown) {
      const description = known.get(command);
      assert.ok(description !== undefined, `${page}: ${line}: no such command`);
      const names = description.options.flatMap(({ name, aliases, isOn }) => [
        ...[name, ...aliases].map((each) => (each.length === 1 ? `-${each}` : `--${each}`)),
        ...(isOn ? [`--no-${name}`] : []),
      ]);
      names.push("--json", "--quiet", "--verbose");
      for (const option of options)
        assert.ok(names.includes(option), `${page}: ${line}: ${command} has no ${option}`);
    }
  });
});

import type { Argv } from "yargs";
import type { ChosenCommand } from "./choose-command.ts";
import type { Command, ParsedArguments } from "./command.ts";
import type { CommandDescription } from "./help/describe-command.ts";

/** Runs the chosen command with its parsed arguments. */
export type Execute = (command: Command, args: ParsedArguments) => Promise<void>;

function usageOf({ name, usage }: CommandDescription): string {
  return [name.split(" ").at(-1), usage].filter((word) => word !== "").join(" ");
}

function addSingle(
  yargs: Argv,
  { command, description }: ChosenCommand & { readonly command: Command },
  execute: Execute,
): Argv {
  return yargs.command({
    command: usageOf(description),
    describe: description.summary,
    builder: (inner: Argv) => {
      for (const [name, definition] of Object.entries(command.positionals))
        inner.positional(name, definition);
      inner.options(command.options);
      // Each example below its explanation. In yargs' two columns, long command lines would wrap.
      for (const [line, text] of command.examples) inner.example(`# ${text}\n${line}`, "");
      const statuses = Object.entries(command.exitStatuses);
      if (statuses.length === 0) return inner;
      const lines = statuses.map(([status, meaning]) => `  ${status}  ${meaning}`);
      return inner.epilogue(["Exit status:", ...lines].join("\n"));
    },
    handler: (args) => execute(command, args),
  });
}

/** Adds the chosen command to a parser; for a group without a subcommand, the list of its subcommands. */
export function addCommand(yargs: Argv, chosen: ChosenCommand, execute: Execute): Argv {
  const { command, description } = chosen;
  const [family = "", name] = description.name.split(" ");
  if (command !== undefined && name === undefined)
    return addSingle(yargs, { ...chosen, command }, execute);
  return yargs.command({
    command: `${family} <command>`,
    describe: description.summary,
    builder: (inner: Argv) => {
      if (command !== undefined) return addSingle(inner, { ...chosen, command }, execute);
      for (const member of description.commands)
        inner.command({ command: usageOf(member), describe: member.summary, handler: () => {} });
      return inner;
    },
    handler: () => {},
  });
}

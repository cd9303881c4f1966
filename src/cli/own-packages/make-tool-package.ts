import { readInstalled } from "../../lib/installation.ts";
import { buildToolPackage, type ToolDocumentation } from "../../pipeline/index.ts";
import { renderCompletion } from "../help/completion.ts";
import { describeCommand, type CommandDescription } from "../help/describe-command.ts";
import { renderManual } from "../help/render-manual.ts";
import type { ProgramVersion } from "../process/program-version.ts";
import type { Cli, CommandEntry } from "../command.ts";
import { ownPackageOptions, type OwnPackageRequest } from "./own-package-request.ts";

/** Renders the manual page and the bash completion from the definitions of the commands. */
export async function documentProgram(
  program: ProgramVersion,
  commands: readonly CommandEntry[],
): Promise<ToolDocumentation> {
  const described: CommandDescription[] = [];
  for (const entry of commands) described.push(await describeCommand(entry));
  const template = await readInstalled("spec-templates/tool/completion.bash");
  return {
    manual: renderManual(described, program),
    completion: renderCompletion(template, described),
  };
}

/**
 * Builds virt-appliance, the package of this program, and returns its path; undefined when the program's bundle is
 * missing.
 */
export async function makeToolPackage(
  request: OwnPackageRequest,
  cli: Cli,
): Promise<string | undefined> {
  const documentation = await documentProgram(cli.program, cli.commands);
  const options = { ...ownPackageOptions(request, cli), documentation };
  return (await buildToolPackage(options, cli.context))?.path;
}

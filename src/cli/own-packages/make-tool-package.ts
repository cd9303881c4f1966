import { readInstalled } from "../../lib/installation.ts";
import { buildToolPackage, type ToolDocumentation } from "../../pipeline/index.ts";
import type { EngineChoice } from "../../rpm/index.ts";
import type { Signer } from "../../sign/index.ts";
import { renderCompletion } from "../help/completion.ts";
import { describeCommand, type CommandDescription } from "../help/describe-command.ts";
import { renderManual } from "../help/render-manual.ts";
import type { ProgramVersion } from "../process/program-version.ts";
import type { PackageIdentity } from "../options/identity-options.ts";
import { dateOfEpoch } from "../options/source-date-epoch.ts";
import type { Cli, CommandEntry } from "../command.ts";

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
 * missing. Its build time is the date of the version, so every repository gets the same package.
 */
export async function makeToolPackage(
  options: {
    readonly outputFolder: string;
    readonly signer: Signer | undefined;
    readonly release?: string | undefined;
    readonly identity?: PackageIdentity | undefined;
    readonly engine?: EngineChoice;
  },
  cli: Cli,
): Promise<string | undefined> {
  const { outputFolder, signer, release = "1" } = options;
  const { program, commands, context } = cli;
  const built = await buildToolPackage(
    {
      outputFolder,
      version: program.version,
      release,
      dateSeconds: program.dateSeconds,
      documentation: await documentProgram(program, commands),
      identity: options.identity,
      engine: options.engine,
      signer,
      signedAt: dateOfEpoch(cli.environment),
    },
    context,
  );
  return built?.path;
}

import { readHead } from "../../lib/bytes/compress.ts";
import { readRpm } from "../../rpm/index.ts";
import { hostLayout } from "../../package/index.ts";
import { readStockKickstarts } from "../../site/index.ts";
import { findRecipe, inspectSource, readRecipe } from "../../source/index.ts";
import { inspectDisks, inspectionDocument, inspectionLines } from "../inspect/inspect-appliance.ts";
import { recipeDocument, recipeLines } from "../inspect/inspect-recipe.ts";
import { packageDocument, packageLines } from "../inspect/inspect-package.ts";
import { maxSizeOption, sourceLimits } from "../options/max-size.ts";
import { type Cli, defineCommand, type Command } from "../command.ts";

/** First bytes of the lead of every RPM. */
const RPM_MAGIC = "edabeedb";

async function isPackage(path: string): Promise<boolean> {
  // Reading a folder fails. A missing file is reported later, by inspectSource.
  const head = await readHead(path, 4).catch(() => Buffer.alloc(0));
  return head.toString("hex") === RPM_MAGIC;
}

async function inspectPackage(path: string, cli: Cli, json: boolean): Promise<void> {
  const rpm = await readRpm(path);
  if (json) cli.printJson(packageDocument(rpm));
  else for (const line of packageLines(rpm)) cli.print(line);
}

/** Prints the source if it is a recipe, and returns whether it is one. */
async function inspectRecipe(
  args: { readonly source: string; readonly json: boolean; readonly maxSize: string | undefined },
  cli: Cli,
): Promise<boolean> {
  await using found = await findRecipe(args.source, cli.context, sourceLimits(args));
  if (found === undefined) return false;
  const stock = await readStockKickstarts(hostLayout.kickstartsDir);
  const options = { stock, runsPuppet: true, name: args.source };
  const read = await readRecipe(found.folder, cli.context, options);
  if (args.json) cli.printJson(recipeDocument(read, found.kind));
  else for (const line of recipeLines(read)) cli.print(line);
  if (read.problems.some(({ severity }) => severity === "error")) cli.setExitCode(1);
  return true;
}

/** `inspect SOURCE|RPM`: prints the content and every problem. The exit status is 1 if there is an error. */
export const command: Command = defineCommand({
  positionals: {
    source: {
      type: "string",
      demandOption: true,
      describe: "tarball or directory of an appliance or a recipe, a descriptor, or an RPM",
    },
  },
  options: { "max-size": maxSizeOption },
  examples: [
    ["virt-appliance inspect web-1.0.tar.gz", "descriptor, disks and problems"],
    ["virt-appliance inspect --json web", "the same for programs"],
  ],
  exitStatuses: { 1: "the source has errors; every problem is printed" },
  run: async (args, cli) => {
    if (await isPackage(args.source)) {
      await inspectPackage(args.source, cli, args.json);
      return;
    }
    if (await inspectRecipe(args, cli)) return;
    const inspection = await inspectSource(args.source, cli.context, sourceLimits(args));
    const problems = [...inspection.problems, ...(await inspectDisks(inspection, cli.context))];
    if (args.json) cli.printJson(inspectionDocument(inspection, problems));
    else for (const line of inspectionLines(inspection, problems)) cli.print(line);
    if (problems.some(({ severity }) => severity === "error")) cli.setExitCode(1);
  },
});

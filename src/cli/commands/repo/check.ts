import { countOf } from "../../../lib/count-of.ts";
import { ApplianceError } from "../../../errors.ts";
import { checkRepository, readRepository, repairRepository } from "../../../repository/index.ts";
import { exportKey } from "../../../sign/index.ts";
import { keysFolder } from "../../options/keys-folder.ts";
import { type Cli, defineCommand, type Command } from "../../command.ts";
import { repositoryArgument } from "../../options/shared-options.ts";

const VERIFICATION_FAILED = 3;

/** Returns the public key of the repository if it is in the user's folder of keys. */
async function readOwnerKey(folder: string, cli: Cli): Promise<string | undefined> {
  const { key } = await readRepository(folder);
  if (key === undefined) return undefined;
  try {
    return await exportKey(key.fingerprint, keysFolder(cli.environment), cli.context.now());
  } catch (error) {
    // The check needs no key: the user may not have it, or may not be allowed to read it.
    if (error instanceof ApplianceError) return undefined;
    throw error;
  }
}

/** `repo check DIR`: checks a repository. The exit status is 3 if there is a problem. */
export const command: Command = defineCommand({
  positionals: { dir: repositoryArgument },
  exitStatuses: { 3: "the repository has a problem; each one is printed" },
  run: async (args, cli) => {
    await repairRepository(args.dir, cli.context);
    const ownerKey = await readOwnerKey(args.dir, cli);
    const result = await checkRepository(args.dir, cli.context, { ownerKey });
    for (const warning of result.warnings) cli.context.logger.warn(warning);
    if (!result.ok) cli.setExitCode(VERIFICATION_FAILED);
    if (args.json) {
      cli.printJson({ ...result, generation: result.generation ?? null });
      return;
    }
    for (const problem of result.problems) cli.print(problem);
    if (!result.ok) return;
    const count = countOf(result.packages, "package");
    cli.print(`generation ${result.generation ?? ""}: ${count}, no problems`);
  },
});

import { keyConcerns, openSigner } from "../sign/index.ts";
import type { Signer } from "../sign/index.ts";
import { keysFolder } from "./keys-folder.ts";
import { readPassphrase } from "./passphrase.ts";
import type { Cli } from "./verb.ts";

/** Which key signs, as yargs leaves {@link signingOptions}. */
export interface SigningArguments {
  readonly key: string | undefined;
  readonly keys: string | undefined;
  readonly passphraseFd: number | undefined;
  /** What else is signed than packages, which decides what the key is warned of. */
  readonly use?: "repository";
}

/** Opens a key by its name or fingerprint in the folder of keys, or by the path of its file. */
export async function openKey(
  key: string,
  args: Omit<SigningArguments, "key">,
  cli: Cli,
): Promise<Signer> {
  const signer = await openSigner({
    key,
    folder: args.keys ?? keysFolder(cli.environment),
    passphrase: await readPassphrase(args, cli),
    now: cli.context.now(),
  });
  const { use = "packages" } = args;
  for (const concern of await keyConcerns(signer, { use, now: cli.context.now() })) {
    cli.context.logger.warn(concern);
  }
  return signer;
}

/** Opens the key that was named; undefined when none was. */
export async function openChosenSigner(
  args: SigningArguments,
  cli: Cli,
): Promise<Signer | undefined> {
  return args.key === undefined ? undefined : openKey(args.key, args, cli);
}

/** Options of every verb that signs. */
export const signingOptions = {
  key: { alias: "k", type: "string", describe: "key: a file, a name or a fingerprint" },
  keys: { type: "string", describe: "folder of keys" },
  "passphrase-fd": { type: "number", describe: "read the passphrase from this file descriptor" },
} as const;

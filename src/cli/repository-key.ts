import { openSigner } from "../sign/index.ts";
import type { Signer } from "../sign/index.ts";
import { keysFolder } from "./keys-folder.ts";
import { readPassphrase } from "./passphrase.ts";
import type { Cli } from "./verb.ts";

/** Options of the verbs that sign a repository. */
export interface KeyArguments {
  readonly key: string | undefined;
  readonly keys: string | undefined;
  readonly passphraseFd: number | undefined;
}

/**
 * Opens the key that signs a repository: the one that was named, or the one that the repository was made with.
 *
 * @param fingerprint  of the repository's key; undefined for a repository without signatures
 */
export async function openRepositorySigner(
  args: KeyArguments,
  fingerprint: string | undefined,
  cli: Cli,
): Promise<Signer | undefined> {
  const key = args.key ?? fingerprint;
  if (key === undefined) return undefined;
  return openSigner({
    key,
    folder: args.keys ?? keysFolder(cli.environment),
    passphrase: await readPassphrase(args, cli),
    now: cli.context.now(),
  });
}

/** How yargs is told of {@link KeyArguments}. */
export const keyOptions = {
  key: { alias: "k", type: "string", describe: "key: a file, a name or a fingerprint" },
  keys: { type: "string", describe: "folder of keys" },
  "passphrase-fd": { type: "number", describe: "read the passphrase from this file descriptor" },
} as const;

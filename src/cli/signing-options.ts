import { findSigner, keyConcerns, openSigner, type Signer } from "../sign/index.ts";
import { KEYS_FOLDER, keysFolder } from "./keys-folder.ts";
import { readPassphrase } from "./passphrase.ts";
import type { Cli } from "./verb.ts";

/** Which key signs, as yargs leaves {@link signingOptions}. */
export interface SigningArguments {
  readonly key: string | undefined;
  readonly keys: string | undefined;
  readonly passphraseFd: number | undefined;
  /** What else is signed than packages, which decides what the key is warned of. */
  readonly use?: "repository";
  /** Nothing is signed: the key is not unlocked, and no passphrase is asked for. */
  readonly dryRun?: boolean;
}

/** Opens a key by its name or fingerprint in the folder of keys, or by the path of its file. */
export async function openKey(
  key: string,
  args: Omit<SigningArguments, "key">,
  cli: Cli,
): Promise<Signer> {
  const request = {
    key,
    folder: args.keys ?? keysFolder(cli.environment),
    now: cli.context.now(),
  };
  const signer =
    args.dryRun === true
      ? await findSigner(request)
      : await openSigner({ ...request, passphrase: await readPassphrase(args, cli) });
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

/** Returns the description of an option that chooses the signing key. */
export function keyDescription(byDefault: string): string {
  return `signing key: a file, a name or a fingerprint (default: ${byDefault})`;
}

/** The options of commands that sign, as yargs types them: a type, since an interface has no index signature. */
type SigningOptions = {
  readonly key: { readonly alias: "k"; readonly type: "string"; readonly describe: string };
  readonly keys: { readonly type: "string"; readonly describe: string };
  readonly "passphrase-fd": { readonly type: "number"; readonly describe: string };
};

/** Options of every command that signs. */
export const signingOptions: SigningOptions = {
  key: { alias: "k", type: "string", describe: "signing key: a file, a name or a fingerprint" },
  keys: { type: "string", describe: `folder of keys (default: ${KEYS_FOLDER})` },
  "passphrase-fd": {
    type: "number",
    describe:
      "file descriptor to read the passphrase from (default: $VIRT_APPLIANCE_PASSPHRASE, else ask on a terminal)",
  },
};

/** Returns the same for a command that needs no `--key`. */
export function signingOptionsWith(keyByDefault: string): SigningOptions {
  const key = { ...signingOptions.key, describe: keyDescription(keyByDefault) };
  return { ...signingOptions, key };
}

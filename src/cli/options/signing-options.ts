import { findSigner, keyConcerns, openSigner, type Signer } from "../../sign/index.ts";
import { KEYS_FOLDER, keysFolder } from "./keys-folder.ts";
import { readPassphrase } from "../terminal/passphrase.ts";
import type { Cli } from "../command.ts";

/** Arguments of {@link signingOptions}, as parsed by yargs. */
export interface SigningArguments {
  readonly key: string | undefined;
  readonly keys: string | undefined;
  readonly passphraseFd: number | undefined;
  /** Set if repository metadata is signed too; it selects the warnings about the key. */
  readonly use?: "repository";
  /** True if nothing is signed: the key is not unlocked, so no passphrase is needed. */
  readonly dryRun?: boolean;
}

/** Opens a signing key by its name or fingerprint in the folder of keys, or by the path of its file. */
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

/** Opens the signing key that `--key` names; undefined without `--key`. */
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

/** Type of the signing options. It is a type because an interface has no implicit index signature. */
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

/** Returns the signing options of a command whose `--key` is optional. */
export function signingOptionsWith(keyByDefault: string): SigningOptions {
  const key = { ...signingOptions.key, describe: keyDescription(keyByDefault) };
  return { ...signingOptions, key };
}

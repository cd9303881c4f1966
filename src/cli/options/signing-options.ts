import { ApplianceError } from "../../errors.ts";
import {
  findSigner,
  keyConcerns,
  type Keyring,
  openGpgSigner,
  openProgramSigner,
  openSigner,
  type PassphraseSource,
  plannedSigner,
  readNamedKeys,
  refuseKeyFor,
  type Signer,
  type TargetName,
} from "../../sign/index.ts";
import { KEYS_FOLDER, keysFolder } from "./keys-folder.ts";
import { parseSigner, type OutsideSigner } from "./parse-signer.ts";
import { readPassphrase } from "../terminal/passphrase.ts";
import type { Cli } from "../command.ts";

/** Arguments of {@link signingOptions}, as parsed by yargs. */
export interface SigningArguments {
  readonly key: string | undefined;
  readonly signer: string | undefined;
  readonly keys: string | undefined;
  readonly passphraseFd: number | undefined;
  /** Name of the option that has the key. Default: `--key`. */
  readonly keyOption?: "--key" | "--sign";
  /** Set if repository metadata is signed too; it selects the warnings about the key. */
  readonly use?: "repository";
  /** Public half to use with `--signer exec:` if no key is given. */
  readonly defaultKeyring?: Keyring | undefined;
  /** For several keys, because a file descriptor can be read once. Default: read for each key. */
  readonly passphrase?: PassphraseSource;
  /** True if nothing is signed: the key is not unlocked, so no passphrase is needed. */
  readonly dryRun?: boolean;
  /** Systems that must be able to use the key; warnings about others are left out. Default: none, warn of all. */
  readonly targets?: readonly TargetName[];
}

const folderOf = (args: SigningArguments, cli: Cli): string =>
  args.keys ?? keysFolder(cli.environment);

async function openKeyFile(key: string, args: SigningArguments, cli: Cli): Promise<Signer> {
  const request = { key, folder: folderOf(args, cli), now: cli.context.now() };
  return args.dryRun === true
    ? findSigner(request)
    : openSigner({ ...request, passphrase: args.passphrase ?? (await readPassphrase(args, cli)) });
}

/** Returns the public key of a program, and the part that `KEY!` chooses. */
async function keyOfProgram(
  args: SigningArguments,
  cli: Cli,
): Promise<{ readonly keyring: Keyring; readonly part: string | undefined }> {
  const { key, keyOption = "--key", defaultKeyring } = args;
  if (key === undefined) {
    if (defaultKeyring !== undefined) return { keyring: defaultKeyring, part: undefined };
    throw new ApplianceError("CLI_USAGE", `--signer: exec: needs ${keyOption} with the public key`);
  }
  const part = /^(?:0x)?([0-9A-Fa-f]{16,40})!$/.exec(key)?.[1]?.toLowerCase();
  const keyring = await readNamedKeys([part ?? key], folderOf(args, cli), cli.context.now());
  return { keyring, part };
}

async function openOutside(
  chosen: OutsideSigner,
  args: SigningArguments,
  cli: Cli,
): Promise<Signer> {
  const { environment, context } = cli;
  if (args.passphraseFd !== undefined) {
    throw new ApplianceError("CLI_USAGE", "--passphrase-fd: cannot be used with --signer", {
      hint: "the signer asks for the passphrase itself",
    });
  }
  if (chosen.kind === "exec") {
    const key = await keyOfProgram(args, cli);
    return openProgramSigner({ ...key, program: chosen.program, environment }, context);
  }
  const { key, keyOption = "--key" } = args;
  if (key !== undefined) {
    throw new ApplianceError("CLI_USAGE", `${keyOption}: cannot be used with --signer gpg:`, {
      hint: "--signer gpg:KEYID names the key",
    });
  }
  return openGpgSigner({ keyId: chosen.keyId, environment }, context);
}

async function openWith(args: SigningArguments, cli: Cli): Promise<Signer | undefined> {
  if (args.signer !== undefined) {
    const signer = await openOutside(parseSigner(args.signer), args, cli);
    return args.dryRun === true ? plannedSigner(signer) : signer;
  }
  return args.key === undefined ? undefined : openKeyFile(args.key, args, cli);
}

/**
 * Opens the signer that `--signer` chooses. By default that is a secret key in this process, named by `--key` as file,
 * name or fingerprint. Undefined with neither option.
 */
export async function openChosenSigner(
  args: SigningArguments,
  cli: Cli,
): Promise<Signer | undefined> {
  const signer = await openWith(args, cli);
  if (signer === undefined) return undefined;
  const { use = "packages", targets = [] } = args;
  const now = cli.context.now();
  await refuseKeyFor(signer, targets, now);
  for (const concern of await keyConcerns(signer, { use, now, targets })) {
    cli.context.logger.warn(concern);
  }
  return signer;
}

/** Opens a signer as {@link openChosenSigner}, and requires one of the two options. */
export async function openRequiredSigner(args: SigningArguments, cli: Cli): Promise<Signer> {
  const signer = await openChosenSigner(args, cli);
  if (signer !== undefined) return signer;
  throw new ApplianceError("CLI_USAGE", "missing --key or --signer", {
    hint: "virt-appliance keys list lists the keys",
  });
}

/** Returns the description of an option that chooses the signing key. */
export function keyDescription(byDefault: string): string {
  return `signing key: a file, a name or a fingerprint (default: ${byDefault})`;
}

/** Type of the signing options. It is a type because an interface has no implicit index signature. */
type SigningOptions = {
  readonly key: { readonly alias: "k"; readonly type: "string"; readonly describe: string };
  readonly signer: { readonly type: "string"; readonly describe: string };
  readonly keys: { readonly type: "string"; readonly describe: string };
  readonly "passphrase-fd": { readonly type: "number"; readonly describe: string };
};

/** Options of every command that signs. */
export const signingOptions: SigningOptions = {
  key: { alias: "k", type: "string", describe: "signing key: a file, a name or a fingerprint" },
  signer: {
    type: "string",
    describe: "who signs: gpg:KEYID or exec:PROGRAM (default: the key's file, in this process)",
  },
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

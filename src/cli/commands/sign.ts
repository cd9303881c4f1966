import { ApplianceError } from "../../errors.ts";
import {
  type PackageSignature,
  removeSignatures,
  type Signer,
  type SignOptions,
  signRpm,
} from "../../sign/index.ts";
import { openRequiredSigner, signingOptions } from "../options/signing-options.ts";
import { dateOfEpoch } from "../options/source-date-epoch.ts";
import { chosenTargets, keyForOption } from "../options/target-options.ts";
import { readPassphrase } from "../terminal/passphrase.ts";
import { type Cli, defineCommand, type Command } from "../command.ts";
import { packagesArgument } from "../options/shared-options.ts";

interface SignArguments {
  readonly key: readonly string[] | undefined;
  readonly signer: string | undefined;
  readonly keys: string | undefined;
  readonly passphraseFd: number | undefined;
  readonly for: string | undefined;
  readonly add: boolean;
  readonly remove: readonly string[] | undefined;
  readonly checkPayload: boolean;
}

/** Result for one package, as its JSON document. */
interface Outcome {
  readonly path: string;
  /** Undefined if nothing was signed. */
  readonly fingerprint: string | undefined;
  readonly rewritten: boolean;
  readonly replaced: readonly PackageSignature[];
  readonly signatures: readonly PackageSignature[];
}

function usage(message: string, hint?: string): ApplianceError {
  return new ApplianceError("CLI_USAGE", message, { hint });
}

/** Returns the ids of `--remove`; undefined without it. */
function chosenRemoval(args: SignArguments): readonly string[] | "all" | undefined {
  const { remove, key, signer, add } = args;
  if (remove === undefined) return undefined;
  if (key !== undefined || signer !== undefined || add)
    throw usage(
      `--remove: cannot be used with ${add ? "--add" : key === undefined ? "--signer" : "--key"}`,
      "signing without --add removes all other signatures; to keep some, sign with --add first",
    );
  if (remove.includes("all")) return "all";
  const wrong = remove.find((id) => !/^(?:[0-9a-f]{16}|[0-9a-f]{40})$/i.test(id));
  if (wrong === undefined) return remove;
  throw usage(
    `--remove: "${wrong}", expected all, or the fingerprint or long id of a key`,
    "virt-appliance verify prints the key of each signature",
  );
}

/** Opens every signer. A passphrase that is given once is for all keys. */
async function openSigners(args: SignArguments, cli: Cli): Promise<readonly [Signer, ...Signer[]]> {
  const [first, ...more] = args.key ?? [];
  const request = { ...args, targets: chosenTargets(args.for) };
  if (args.signer !== undefined && more.length > 0)
    throw usage("--key: given twice with --signer", "add the other signatures with --add");
  if (first === undefined || args.signer !== undefined)
    return [await openRequiredSigner({ ...request, key: first }, cli)];
  const options = { ...request, passphrase: await readPassphrase(args, cli) };
  const signers: [Signer, ...Signer[]] = [
    await openRequiredSigner({ ...options, key: first }, cli),
  ];
  for (const key of more) signers.push(await openRequiredSigner({ ...options, key }, cli));
  return signers;
}

/** Returns the function that changes the signatures of one package. */
async function chooseChange(
  args: SignArguments,
  cli: Cli,
): Promise<(path: string) => Promise<Outcome>> {
  const { context } = cli;
  const removal = chosenRemoval(args);
  if (removal !== undefined) {
    return async (path) => {
      const { removed, ...result } = await removeSignatures(path, removal, context);
      return { ...result, fingerprint: undefined, replaced: removed };
    };
  }
  const signers = await openSigners(args, cli);
  const options: SignOptions = {
    createdAt: dateOfEpoch(cli.environment),
    payload: args.checkPayload ? "read" : "unread",
    others: args.add ? "kept" : "removed",
  };
  return async (path) => signRpm(path, signers, context, options);
}

function report({ path, fingerprint, rewritten, replaced }: Outcome, cli: Cli): void {
  const { logger } = cli.context;
  if (rewritten)
    logger.info(`${path}: rewritten, because it had no room for a signature or other names`);
  for (const { tag, keyId } of replaced) {
    const key = keyId === undefined ? "an unknown key" : `key ${keyId}`;
    const fact = `${path}: removed the signature of ${key} (tag ${tag})`;
    if (fingerprint === undefined) logger.info(fact);
    else logger.warn(fact);
  }
}

/** `sign RPM… (--key KEY… | --signer WHO | --remove KEYID…)`: signs packages in place, and prints their paths. */
export const command: Command = defineCommand({
  positionals: { rpm: packagesArgument },
  options: {
    ...signingOptions,
    for: keyForOption,
    key: {
      ...signingOptions.key,
      array: true,
      // Without this, yargs would take the packages after the option as its values.
      nargs: 1,
    },
    add: {
      type: "boolean",
      default: false,
      describe: "keep the signatures by other keys (default: remove them)",
    },
    remove: {
      type: "string",
      array: true,
      nargs: 1,
      describe:
        "do not sign; remove the signatures by the key with this fingerprint or long id, or all",
    },
    "check-payload": {
      type: "boolean",
      default: false,
      describe: "read the payload first, and refuse a damaged one",
    },
  },
  examples: [
    ["virt-appliance sign out/*.rpm --key web", "sign with the key named web"],
    [
      "virt-appliance sign out/*.rpm --key new --add",
      "sign with a second key, and keep the first signature",
    ],
    ["virt-appliance sign out/*.rpm --remove 89abcdef01234567", "remove the signature by one key"],
  ],
  run: async (args, cli) => {
    const change = await chooseChange(args, cli);
    const outcomes: Outcome[] = [];
    for (const path of args.rpm) {
      const outcome = await change(path);
      report(outcome, cli);
      if (!args.json) cli.print(path);
      outcomes.push(outcome);
    }
    if (args.json)
      cli.printJson(
        outcomes.map(({ path, fingerprint, rewritten, replaced, signatures }) => ({
          path,
          fingerprint,
          rewritten,
          replaced,
          signatures,
        })),
      );
  },
});

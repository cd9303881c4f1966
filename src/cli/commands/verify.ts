import { access } from "node:fs/promises";
import { countOf } from "../../lib/count-of.ts";
import { ApplianceError, escapeControls } from "../../errors.ts";
import {
  type Check,
  judgeForTargets,
  type Keyring,
  readKeyring,
  readNamedKeys,
  type RpmVerification,
  type TargetName,
  type TargetVerdict,
  type VerifyOptions,
  verifyRpm,
} from "../../sign/index.ts";
import type { MissingDependencies } from "../../repodata/index.ts";
import { KEYS_FOLDER, keysFolder } from "../options/keys-folder.ts";
import { type Cli, defineCommand, type Command } from "../command.ts";
import { missingOfPackages } from "../missing-of-packages.ts";
import {
  chosenRepositories,
  chosenTargets,
  forOption,
  repoOption,
} from "../options/target-options.ts";
import { allowUnsignedOption, packagesArgument } from "../options/shared-options.ts";

/** Exit status when the verification of a package fails. */
const VERIFICATION_FAILED = 3;

interface KeyArguments {
  readonly key: readonly string[] | undefined;
  readonly keys: string | undefined;
}

/** Returns the keys that the options name; default: all keys in the user's folder of keys. */
async function chosenKeys(args: KeyArguments, cli: Cli): Promise<Keyring> {
  const own = keysFolder(cli.environment);
  const named = await readNamedKeys(args.key ?? [], args.keys ?? own, cli.context.now());
  if (args.keys !== undefined) {
    const all = await readKeyring({ folders: [args.keys] });
    return { keys: [...named.keys, ...all.keys] };
  }
  if (named.keys.length > 0) return named;
  const exists = await access(own).then(
    () => true,
    () => false,
  );
  return readKeyring({ folders: exists ? [own] : [] });
}

function line({ what, algorithm, status, keyId, tag, detail, codes = [] }: Check): string {
  const key = keyId === undefined ? "" : ` key ${keyId}`;
  const more = detail === undefined ? "" : `  ${escapeControls(detail)}`;
  const place = tag === undefined ? "" : `  (tag ${tag})`;
  const names = codes.length === 0 ? "" : `  [${codes.join(", ")}]`;
  return `  ${what}${algorithm === undefined ? "" : ` ${algorithm}`}${key}: ${status}${more}${place}${names}`;
}

/** Prints a line for each system, and below it why the package cannot be installed there. */
function printVerdicts(verdicts: readonly TargetVerdict[], cli: Cli): void {
  for (const { target, ok, reasons, notes } of verdicts) {
    cli.print(`  for ${target}: ${ok ? "ok" : "cannot be installed"}`);
    for (const { code, message } of reasons) cli.print(`    ${escapeControls(message)}  [${code}]`);
    for (const { code, message } of notes)
      cli.print(`    note: ${escapeControls(message)}  [${code}]`);
  }
}

/** Result for one package: its checks, or the error that prevented reading it. */
type Outcome =
  | {
      readonly kind: "checked";
      readonly result: RpmVerification;
      readonly verdicts: readonly TargetVerdict[];
    }
  | { readonly kind: "unread"; readonly path: string; readonly error: ApplianceError };

interface OutcomeOptions extends VerifyOptions {
  readonly targets: readonly TargetName[];
  readonly missing: ReadonlyMap<string, MissingDependencies>;
}

/** Returns the verdicts for systems; none for a package that is not well-formed, which `verify` reports. */
async function verdictsOf(
  result: RpmVerification,
  options: OutcomeOptions,
  cli: Cli,
): Promise<readonly TargetVerdict[]> {
  if (result.checks.some(({ what }) => what === "format")) return [];
  const { keyring, targets } = options;
  const missing = options.missing.get(result.path);
  return await judgeForTargets(result.path, targets, { keyring, missing, now: cli.context.now() });
}

async function outcomeOf(path: string, options: OutcomeOptions, cli: Cli): Promise<Outcome> {
  try {
    const result = await verifyRpm(path, options, cli.context);
    return { kind: "checked", result, verdicts: await verdictsOf(result, options, cli) };
  } catch (error) {
    // An unreadable package must not hide the results of the others.
    if (!(error instanceof ApplianceError) || error.code === "LIB_INTERRUPTED") throw error;
    return { kind: "unread", path, error };
  }
}

function print(outcome: Outcome, cli: Cli): void {
  if (outcome.kind === "unread") {
    cli.print(`${outcome.path}: NOT READ`);
    cli.print(`  ${outcome.error.message}`);
    return;
  }
  const { path, ok, checks } = outcome.result;
  cli.print(`${path}: ${ok ? "ok" : "NOT OK"}`);
  for (const check of checks) cli.print(line(check));
  printVerdicts(outcome.verdicts, cli);
}

/** Returns the JSON document of one package. Every check has all fields, in a fixed order. */
function outcomeDocument(outcome: Outcome): unknown {
  if (outcome.kind === "unread") {
    const { path, error } = outcome;
    return { path, ok: false, signed: null, checks: [], targets: [], error: error.message };
  }
  const { path, ok, signed, checks } = outcome.result;
  return {
    path,
    ok,
    signed,
    checks: checks.map(({ what, algorithm, status, keyId, tag, detail, codes = [] }) => ({
      what,
      algorithm,
      status,
      keyId,
      tag,
      detail,
      codes,
    })),
    targets: outcome.verdicts,
    error: null,
  };
}

/** True if a package is valid, and every system can install it. */
function isGood({ result, verdicts }: Extract<Outcome, { readonly kind: "checked" }>): boolean {
  return result.ok && verdicts.every(({ ok }) => ok);
}

/** Returns the error about packages that could not be read; undefined if all could be. */
function unreadError(errors: readonly ApplianceError[], all: number): ApplianceError | undefined {
  const [first] = errors;
  if (first === undefined || errors.length === 1) return first;
  return new ApplianceError(
    first.code,
    `${errors.length} of ${countOf(all, "package")} could not be read, expected each to be an RPM file`,
    { details: errors.map(({ message }) => message) },
  );
}

/**
 * `verify RPM…`: prints one line for each digest and signature. The exit status is 3 if the verification of any package
 * fails, even if other packages could not be read.
 */
export const command: Command = defineCommand({
  positionals: { rpm: packagesArgument },
  options: {
    key: {
      type: "string",
      array: true,
      // Without this, yargs would take the packages after the option as its values.
      nargs: 1,
      describe:
        "public key: a file, a name or a fingerprint (default: every key in the folder of keys)",
    },
    keys: {
      type: "string",
      describe: `folder with RPM-GPG-KEY-… files (default: ${KEYS_FOLDER})`,
    },
    for: forOption,
    repo: repoOption,
    "allow-unsigned": allowUnsignedOption,
    strict: {
      type: "boolean",
      default: false,
      describe: "fail on deviations that rpm accepts",
    },
  },
  examples: [
    [
      "virt-appliance verify web-appliance-1.2-3.x86_64.rpm --key RPM-GPG-KEY-web",
      "check one package",
    ],
    ["virt-appliance verify --for el8,el9 out/*.rpm", "find what these systems cannot install"],
  ],
  exitStatuses: {
    3: "a digest or a signature of a package does not match, or a system of --for cannot install it",
  },
  run: async (args, cli) => {
    const { allowUnsigned, strict } = args;
    const targets = chosenTargets(args.for);
    const repositories = chosenRepositories(args.repo, targets);
    const keyring = await chosenKeys(args, cli);
    const missing = await missingOfPackages(args.rpm, repositories, cli.context);
    const options = { keyring, allowUnsigned, strict, targets, missing };
    const outcomes: Outcome[] = [];
    for (const path of args.rpm) {
      const outcome = await outcomeOf(path, options, cli);
      if (!args.json) print(outcome, cli);
      outcomes.push(outcome);
    }
    if (args.json) cli.printJson(outcomes.map(outcomeDocument));
    const errors = outcomes.flatMap((one) => (one.kind === "unread" ? [one.error] : []));
    const unread = unreadError(errors, outcomes.length);
    if (outcomes.some((one) => one.kind === "checked" && !isGood(one))) {
      cli.setExitCode(VERIFICATION_FAILED);
      for (const { message } of errors) cli.context.logger.warn(message);
    } else if (unread !== undefined) {
      throw unread;
    }
  },
});

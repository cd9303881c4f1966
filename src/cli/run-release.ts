import { ApplianceError } from "../errors.ts";
import {
  readRepository,
  releaseRepo,
  type ReleaseRequest,
  type ReleaseResult,
} from "../repository/index.ts";
import type { PublishStep } from "../publish/index.ts";
import { formatSize } from "../lib/format-size.ts";
import { parseKeyring, plannedSigner, type Signer } from "../sign/index.ts";
import { openChosenSigner, type SigningArguments } from "./options/signing-options.ts";
import { sourceDateEpoch } from "./options/source-date-epoch.ts";
import type { Cli } from "./command.ts";

/** Returns the JSON documents of a step, without file contents. `switch-all` becomes one `switch` for each file. */
function stepDocuments(step: PublishStep): readonly Record<string, unknown>[] {
  if (step.kind === "switch-all") {
    return step.files.flatMap((file) => stepDocuments({ kind: "switch", ...file }));
  }
  if (step.kind === "put" || step.kind === "switch") {
    return [{ kind: step.kind, path: step.path, sizeBytes: step.content.byteLength }];
  }
  return [{ ...step }];
}

const sized = (path: string, content: Uint8Array): string =>
  `${path} (${formatSize(content.byteLength)})`;

/** Returns the description of a step, one line for each file; no line for a step that changes no file. */
function stepLines(step: PublishStep): readonly string[] {
  switch (step.kind) {
    case "put":
      return [`write ${sized(step.path, step.content)}`];
    case "switch":
      return [`replace ${sized(step.path, step.content)}`];
    case "switch-all":
      return step.files.map(({ path, content }) => `replace ${sized(path, content)}`);
    case "link":
      return [`copy ${step.from} to ${step.to}`];
    case "share":
      return [`link ${step.to} to ${step.from}`];
    case "remove":
      return [`delete ${step.path}`];
    case "flush":
  }
  return [];
}

/** Prints the result that a release would have, then each change of a file, in order. */
function printPlan({ added, removed, unchanged, plan }: ReleaseResult, cli: Cli): void {
  for (const name of added) cli.print(`would add ${name}`);
  for (const name of removed) cli.print(`would remove ${name}`);
  for (const name of unchanged) cli.print(`unchanged ${name}`);
  cli.print(
    plan.changed
      ? `would publish generation ${plan.generation}:`
      : `generation ${plan.generation} would be unchanged`,
  );
  for (const line of plan.steps.flatMap(stepLines)) cli.print(`  ${line}`);
}

/** Prints the result of a release; in a dry run, its plan. */
export function reportRelease(
  result: ReleaseResult,
  args: { readonly json: boolean; readonly dryRun: boolean },
  cli: Cli,
): void {
  const { added, removed, unchanged, unsigned, keyNotes, plan } = result;
  const { generation, changed } = plan;
  for (const name of unsigned) {
    cli.context.logger.warn(`${name}: not signed; clients with gpgcheck=1 will not install it`);
  }
  for (const note of keyNotes) cli.context.logger.warn(note);
  if (args.json) {
    const steps = args.dryRun ? { steps: plan.steps.flatMap(stepDocuments) } : {};
    cli.printJson({ generation, changed, added, removed, unchanged, keyNotes, ...steps });
    return;
  }
  if (args.dryRun) {
    printPlan(result, cli);
    return;
  }
  for (const name of added) cli.print(`added ${name}`);
  for (const name of removed) cli.print(`removed ${name}`);
  for (const name of unchanged) cli.print(`unchanged ${name}`);
  cli.context.logger.info(
    changed ? `generation ${generation} is published` : `generation ${generation} is unchanged`,
  );
}

function isUnknownKey(error: unknown): error is ApplianceError {
  return error instanceof ApplianceError && error.code === "SIGN_KEY_UNKNOWN";
}

/** Returns the error for a repository whose key is not in the folder of keys, when `--key` is not given. */
function withKeyHint(error: unknown, dir: string): unknown {
  if (!isUnknownKey(error)) return error;
  return new ApplianceError(error.code, `${dir}: the repository's key: ${error.message}`, {
    cause: error,
    hint: "use --key FILE with its secret half, --keys DIR with the folder that contains it, or --signer",
  });
}

type ReleaseArguments = SigningArguments & {
  readonly dir: string;
  readonly json: boolean;
  readonly dryRun: boolean;
};

/** Opens the signer of a release. The default key is the repository's. */
async function openReleaseSigner(
  args: ReleaseArguments,
  own: { readonly fingerprint: string; readonly publicKey: string } | undefined,
  cli: Cli,
): Promise<Signer | undefined> {
  const use = "repository";
  if (args.signer !== undefined) {
    const defaultKeyring =
      own && (await parseKeyring(Buffer.from(own.publicKey), "the repository's key"));
    return openChosenSigner({ ...args, use, defaultKeyring }, cli);
  }
  const key = args.key ?? own?.fingerprint;
  return openChosenSigner({ ...args, key, use }, cli).catch((error: unknown) => {
    if (args.key !== undefined) throw error;
    // A dry run does not need the key.
    if (own !== undefined && args.dryRun && isUnknownKey(error)) return plannedSigner(own);
    throw withKeyHint(error, args.dir);
  });
}

/** Changes a repository, and prints the result. */
export async function runRelease(
  change: Pick<ReleaseRequest, "add" | "remove" | "allowUnsigned" | "strict" | "sources">,
  args: ReleaseArguments,
  cli: Cli,
): Promise<void> {
  const epoch = sourceDateEpoch(cli.environment);
  const { key: own } = await readRepository(args.dir);
  const request = {
    ...change,
    dryRun: args.dryRun,
    timestampSeconds: epoch,
  };
  const signer = await openReleaseSigner(args, own, cli);
  reportRelease(await releaseRepo(args.dir, request, { signer }, cli.context), args, cli);
}

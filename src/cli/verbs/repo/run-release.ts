import { ApplianceError } from "../../../errors.ts";
import { readRepository, releaseRepo } from "../../../repository/index.ts";
import type { ReleaseResult, ReleaseWish } from "../../../repository/index.ts";
import type { PublishStep } from "../../../publish/index.ts";
import { formatSize } from "../../../lib/format-size.ts";
import { openKey } from "../../signing-options.ts";
import type { SigningArguments } from "../../signing-options.ts";
import { sourceDateEpoch } from "../../source-date-epoch.ts";
import type { Cli } from "../../verb.ts";

/** Returns a step as JSON shows it: without its content, and files that are switched together one by one. */
function stepDocuments(step: PublishStep): readonly Record<string, unknown>[] {
  if (step.kind === "switch-all") {
    return step.files.flatMap((file) => stepDocuments({ kind: "switch", ...file }));
  }
  if (step.kind === "put" || step.kind === "switch") {
    return [{ kind: step.kind, path: step.path, sizeBytes: step.content.byteLength }];
  }
  return [{ ...step }];
}

/** Answers a step as one line. */
function stepLine(step: PublishStep): string {
  switch (step.kind) {
    case "put":
    case "switch":
      return `${step.kind} ${step.path} (${formatSize(step.content.byteLength)})`;
    case "link":
    case "share":
      return `${step.kind} ${step.from} ${step.to}`;
    case "switch-all":
      return step.files.map((file) => stepLine({ kind: "switch", ...file })).join("\n");
    case "remove":
      return `remove ${step.path}`;
    case "flush":
  }
  return step.kind;
}

/** Prints what a release did, or the plan of one that is not carried out. */
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
    for (const step of plan.steps) cli.print(stepLine(step));
    return;
  }
  for (const name of added) cli.print(`added ${name}`);
  for (const name of removed) cli.print(`removed ${name}`);
  for (const name of unchanged) cli.print(`unchanged ${name}`);
  cli.context.logger.info(
    changed ? `generation ${generation} is published` : `generation ${generation} is unchanged`,
  );
}

/** Returns the error for a repository whose key, which nobody named, is not in the folder of keys. */
function withKeyHint(error: unknown, dir: string): unknown {
  if (!(error instanceof ApplianceError) || error.code !== "SIGN_KEY_UNKNOWN") return error;
  return new ApplianceError(error.code, `${dir}: the repository's key: ${error.message}`, {
    cause: error,
    hint: "name the file of its secret half with --key FILE, or the folder that holds it with --keys DIR",
  });
}

/** Changes a repository as a verb was asked to, and prints what was done. */
export async function runRelease(
  change: Pick<ReleaseWish, "add" | "remove" | "allowUnsigned" | "strict">,
  args: SigningArguments & {
    readonly dir: string;
    readonly json: boolean;
    readonly dryRun: boolean;
  },
  cli: Cli,
): Promise<void> {
  const epoch = sourceDateEpoch(cli.environment);
  const { key: own } = await readRepository(args.dir);
  const key = args.key ?? own?.fingerprint;
  const wish = {
    ...change,
    dryRun: args.dryRun,
    ...(epoch === undefined ? {} : { timestampSeconds: epoch }),
  };
  const signer =
    key === undefined
      ? undefined
      : await openKey(key, { ...args, use: "repository" }, cli).catch((error: unknown) => {
          throw args.key === undefined ? withKeyHint(error, args.dir) : error;
        });
  reportRelease(await releaseRepo(args.dir, wish, { signer }, cli.context), args, cli);
}

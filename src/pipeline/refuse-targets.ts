import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import { findMissing } from "../repodata/index.ts";
import { readRpm } from "../rpm/index.ts";
import {
  judgeForTargets,
  parseKeyring,
  type Signer,
  type TargetName,
  type TargetReason,
  type TargetVerdict,
} from "../sign/index.ts";

/** Systems that must be able to install packages. */
export interface TargetRequest {
  readonly targets?: readonly TargetName[] | undefined;
  /** Folders of repositories that have what the packages require; none: not examined. */
  readonly repositories?: readonly string[] | undefined;
  readonly signer?: Signer | undefined;
}

function refuse(name: string, bad: readonly TargetVerdict[]): ApplianceError {
  const systems = bad.map(({ target }) => target).join(", ");
  return new ApplianceError("RPM_TARGET", `${name}: cannot be installed on ${systems}`, {
    details: bad.flatMap(({ target, reasons }) =>
      reasons.map(({ code, message }) => `${target}: ${message} [${code}]`),
    ),
    hint: "change what these reasons name, or leave the systems out of --for",
  });
}

function warnOf(name: string, verdicts: readonly TargetVerdict[], context: Context): void {
  const line = ({ code, message }: TargetReason): string => `${name}: ${message}  [${code}]`;
  // The same for every system.
  for (const one of new Set(verdicts.flatMap(({ notes }) => notes.map(line)))) {
    context.logger.warn(one);
  }
}

/**
 * Refuses packages that were just built together if one of the systems could not install one of them.
 *
 * @throws ApplianceError `RPM_TARGET` with every reason and its system; `REPO_MISSING`, `REPODATA_*` for repositories
 */
export async function refuseForTargets(
  built: readonly { readonly path: string; readonly name: string }[],
  { targets = [], repositories = [], signer }: TargetRequest,
  context: Context,
): Promise<void> {
  if (targets.length === 0) return;
  const keyring =
    signer === undefined
      ? { keys: [] }
      : await parseKeyring(Buffer.from(signer.publicKey), "the signing key");
  const packages = await Promise.all(built.map((one) => readRpm(one.path)));
  const missing =
    repositories.length === 0 ? [] : await findMissing(packages, repositories, context);
  for (const [index, rpm] of packages.entries()) {
    const name = built[index]?.name ?? rpm.path;
    const options = { keyring, missing: missing[index], now: context.now() };
    const verdicts = await judgeForTargets(rpm, targets, options);
    const bad = verdicts.filter(({ ok }) => !ok);
    if (bad.length > 0) throw refuse(name, bad);
    warnOf(name, verdicts, context);
  }
}

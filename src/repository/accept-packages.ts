import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import { throwIfInterrupted } from "../lib/interrupt.ts";
import { partsOf } from "./progress-parts.ts";
import {
  type AcceptanceRules,
  type AcceptedPackage,
  judgePackage,
  type Verdict,
} from "./judge-package.ts";

/** Number of packages that are processed in parallel: while one is read, others are verified. */
const CONCURRENCY = 8;

/** Result for the given files. */
export interface Acceptance {
  readonly accepted: readonly AcceptedPackage[];
  /** File names of identical packages that are already in the repository. */
  readonly unchanged: readonly string[];
}

/** Maximum number of packages whose deviations are listed. */
const MAX_WARNINGS = 10;

/** Warns about deviations of accepted packages. */
function warnOfDeviations(accepted: readonly AcceptedPackage[], context: Context): void {
  const odd = accepted.filter(({ deviations }) => deviations.length > 0);
  for (const { source, deviations } of odd.slice(0, MAX_WARNINGS)) {
    context.logger.warn(`${source}: ${deviations.join("; ")}`);
  }
  if (odd.length > MAX_WARNINGS) {
    const more = odd.length - MAX_WARNINGS;
    context.logger.warn(`${more} more packages have warnings; virt-appliance verify lists them`);
  }
}

/** A bad package is one problem among others; any other error stops the work. */
async function judgeTolerantly(
  source: string,
  rules: AcceptanceRules,
  context: Context,
): Promise<Verdict> {
  throwIfInterrupted(context.signal, source);
  try {
    return await judgePackage(source, rules, context);
  } catch (error) {
    const isFault =
      error instanceof ApplianceError &&
      (["RPM_MALFORMED", "REPODATA_BAD_NAME"].includes(error.code) ||
        // Errors of the package, not of the repository.
        (error.code === "LIB_IO" && error.message.startsWith(`${source}: `)));
    if (!isFault) throw error;
    return { kind: "refused", problems: [error.message], unread: error.code === "LIB_IO" };
  }
}

/** Yields the verdicts in the order of the files. */
async function* judgeAll(
  sources: readonly string[],
  rules: AcceptanceRules,
  context: Context,
): AsyncGenerator<{ readonly source: string; readonly verdict: Verdict }> {
  const parts = await partsOf(sources, context);
  try {
    for (let at = 0; at < sources.length; at += CONCURRENCY) {
      const some = sources.slice(at, at + CONCURRENCY);
      const verdicts = await Promise.allSettled(
        some.map((source, i) => judgeTolerantly(source, rules, parts.context(at + i))),
      );
      for (const [i, verdict] of verdicts.entries()) {
        if (verdict.status === "rejected") throw verdict.reason;
        parts.finish(at + i);
        yield { source: some[i] ?? "", verdict: verdict.value };
      }
    }
  } finally {
    parts.done();
  }
}

/**
 * Stages packages, and returns those that may be added: well-formed, matching every digest, signed by the repository's
 * key, and not in conflict with existing packages.
 *
 * @throws ApplianceError `REPO_BAD_PACKAGES` with all problems of all packages; `LIB_IO` if all problems are unreadable
 *   files; `LIB_INTERRUPTED`
 */
export async function acceptPackages(
  sources: readonly string[],
  rules: AcceptanceRules,
  context: Context,
): Promise<Acceptance> {
  const accepted = new Map<string, AcceptedPackage>();
  const unchanged = new Set<string>();
  const problems: string[] = [];
  let unread = 0;
  for await (const { source, verdict } of judgeAll(sources, rules, context)) {
    if (verdict.kind === "refused") {
      problems.push(...verdict.problems);
      if (verdict.unread === true) unread += 1;
    } else if (verdict.kind === "unchanged") unchanged.add(verdict.name);
    else {
      const { location, pkgid } = verdict.one.record;
      const twin = accepted.get(location);
      if (twin === undefined) accepted.set(location, verdict.one);
      else if (twin.record.pkgid !== pkgid) {
        problems.push(`${source}: same package as ${twin.source}, but with different content`);
      }
    }
  }
  if (problems.length === 0) {
    warnOfDeviations([...accepted.values()], context);
    return { accepted: [...accepted.values()], unchanged: [...unchanged] };
  }
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  throw new ApplianceError(
    unread === problems.length ? "LIB_IO" : "REPO_BAD_PACKAGES",
    `${rules.store.location}: ${count} with packages; no package was added`,
    {
      details: problems,
      ...(problems.some((one) => one.includes("not signed"))
        ? { hint: "sign them with virt-appliance sign, or add them with --allow-unsigned" }
        : {}),
    },
  );
}

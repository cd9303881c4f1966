import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import { digestFile } from "../lib/digest.ts";
import { layout } from "../publish/index.ts";
import type { StagedFile, Store } from "../publish/index.ts";
import { packageFileName, recordFromRpm } from "../repodata/index.ts";
import type { IndexEntry, PackageRecord } from "../repodata/index.ts";
import { readRpm } from "../rpm/index.ts";
import { isTolerable, verifyRpm } from "../sign/index.ts";
import type { Check, Keyring } from "../sign/index.ts";

/** A package that may be added. */
export interface AcceptedPackage {
  /** Path of the file that was given. */
  readonly source: string;
  readonly record: PackageRecord;
  readonly staged: StagedFile;
  readonly signed: boolean;
  /** What is not as rpm would have written it, though every rpm accepts it. */
  readonly deviations: readonly string[];
}

/** What became of the files that were given. */
export interface Acceptance {
  readonly accepted: readonly AcceptedPackage[];
  /** File names of packages that the repository has already, byte for byte. */
  readonly unchanged: readonly string[];
}

/** What packages are held against. */
export interface AcceptanceRules {
  readonly store: Store;
  /** Answers a package of the repository by its location. Asked only for those that seem to be there already. */
  readonly present: (location: string) => Promise<IndexEntry | undefined>;
  /** Undefined in a repository without signatures. */
  readonly keyring: Keyring | undefined;
  readonly allowUnsigned: boolean;
  /** Refuses packages that rpm accepts, but would have written otherwise. */
  readonly strict: boolean;
}

type Verdict =
  | { readonly kind: "accepted"; readonly one: AcceptedPackage }
  | { readonly kind: "unchanged"; readonly name: string }
  | {
      readonly kind: "refused";
      readonly problems: readonly string[];
      /** The file could not be read: nothing is said of the package in it. */
      readonly unread?: boolean;
    };

/** Answers whether a package that is there already was given again; a damaged copy of it is called damaged. */
async function comparePresent(
  source: string,
  entry: IndexEntry,
  context: Context,
): Promise<Verdict> {
  const name = entry.location.slice(layout.PACKAGES.length + 1);
  const sha256 = await digestFile(source, { signal: context.signal });
  if (sha256 === entry.pkgid) return { kind: "unchanged", name };
  const { checks } = await verifyRpm(source, { keyring: { keys: [] }, payload: "stored" }, context);
  const damage = checks.filter(({ status }) => status === "bad");
  if (damage.length > 0) {
    const problems = damage.map(({ what, detail }) => `${source}: ${what}: ${detail ?? "bad"}`);
    return { kind: "refused", problems };
  }
  const fact = `${name} is in the repository already with other content`;
  return { kind: "refused", problems: [`${source}: ${fact}; raise version or release`] };
}

/** Without keys no signature can be judged, but what is plainly broken is refused all the same. */
function isAcceptable(check: Check, rules: AcceptanceRules): boolean {
  if (isTolerable(check, rules)) return true;
  return rules.keyring === undefined && check.status !== "bad" && check.what.endsWith("signature");
}

/** Most packages whose deviations are told one by one. */
const MAX_WARNINGS = 10;

/** Warns of what is odd about packages that are accepted all the same. */
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

/** Copies first and judges the copy: what is published is what was verified, whatever happens to the file meanwhile. */
async function judge(source: string, rules: AcceptanceRules, context: Context): Promise<Verdict> {
  const name = packageFileName(await readRpm(source));
  const location = `${layout.PACKAGES}/${name}`;
  const entry = await rules.present(location);
  if (entry !== undefined) return comparePresent(source, entry, context);
  const task = context.progress.start(`adding ${name}`);
  try {
    const staged = await rules.store.stage(source, {
      signal: context.signal,
      onBytes: (bytes) => task.advance(bytes),
    });
    const verification = await verifyRpm(
      staged.localPath,
      {
        keyring: rules.keyring ?? { keys: [] },
        // Only what rpm looks at decides; decompressing would take the most time by far.
        payload: rules.strict ? "expanded" : "stored",
      },
      context,
    );
    const rpm = await readRpm(staged.localPath);
    const problems = verification.checks
      .filter((check) => !isAcceptable(check, rules))
      .map(({ what, detail, keyId }) => {
        const key = keyId === undefined ? "" : ` (key ${keyId})`;
        return `${source}: ${what}: ${detail ?? "bad"}${key}`;
      });
    if (packageFileName(rpm) !== name) problems.push(`${source}: changed while it was read`);
    if (problems.length > 0) return { kind: "refused", problems };
    const record = recordFromRpm(rpm, { sha256: staged.sha256, location });
    const deviations = verification.checks
      .filter(({ status }) => status === "deviates" || status === "unchecked")
      .map(({ what, detail }) => `${what}: ${detail ?? "deviates"}`);
    const { signed } = verification;
    return { kind: "accepted", one: { source, record, staged, signed, deviations } };
  } finally {
    task.done();
  }
}

/** A package that is at fault is one problem among others; anything else ends the work. */
async function judgeTolerantly(
  source: string,
  rules: AcceptanceRules,
  context: Context,
): Promise<Verdict> {
  try {
    return await judge(source, rules, context);
  } catch (error) {
    const isFault =
      error instanceof ApplianceError &&
      ["RPM_MALFORMED", "LIB_IO", "REPODATA_BAD_NAME"].includes(error.code);
    if (!isFault) throw error;
    return { kind: "refused", problems: [error.message], unread: error.code === "LIB_IO" };
  }
}

/**
 * Stages packages and answers which may be added: well-formed, matching every digest, signed by a key of the
 * repository, and not in conflict with what is there.
 *
 * @throws ApplianceError `REPO_BAD_PACKAGES` with all problems of all packages; `LIB_IO` when the only ones are files
 *   that cannot be read; `LIB_INTERRUPTED`
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
  for (const source of sources) {
    const verdict = await judgeTolerantly(source, rules, context);
    if (verdict.kind === "refused") {
      problems.push(...verdict.problems);
      if (verdict.unread === true) unread += 1;
    } else if (verdict.kind === "unchanged") unchanged.add(verdict.name);
    else {
      const { location, pkgid } = verdict.one.record;
      const twin = accepted.get(location);
      if (twin === undefined) accepted.set(location, verdict.one);
      else if (twin.record.pkgid !== pkgid) {
        problems.push(`${source}: the same package as ${twin.source}, with other content`);
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
    `${rules.store.location}: ${count} with packages; nothing was added`,
    {
      details: problems,
      ...(problems.some((one) => one.includes("not signed"))
        ? { hint: "sign them with virt-appliance sign, or add them with --allow-unsigned" }
        : {}),
    },
  );
}

import path from "node:path";
import { ApplianceError } from "../errors.ts";
import { type Context, silentProgress } from "../lib/context.ts";
import { digestFile, digestOf } from "../lib/bytes/digest.ts";
import { beginDigest } from "../lib/bytes/piecewise-digest.ts";
import { readPlainFile } from "../lib/plain-file.ts";
import { layout, type StagedFile, type Store } from "../publish/index.ts";
import {
  findBadTexts,
  identityOf,
  type IndexEntry,
  isSamePackage,
  packageFileNames,
  type PackageRecord,
  recordFromRpm,
} from "../repodata/index.ts";
import { readRpm, readRpmContent, type RpmPackage } from "../rpm/index.ts";
import {
  type Check,
  heldContent,
  isTolerable,
  type Keyring,
  passingContent,
  type RpmVerification,
  type VerifyOptions,
  verifyRpm,
} from "../sign/index.ts";

/** Packages up to this size are read completely into memory. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

/** A package that may be added. */
export interface AcceptedPackage {
  /** Path of the given file. */
  readonly source: string;
  readonly record: PackageRecord;
  readonly staged: StagedFile;
  readonly signed: boolean;
  /** Differences from what rpm writes, which every rpm accepts. */
  readonly deviations: readonly string[];
}

/** Rules for accepting packages. */
export interface AcceptanceRules {
  readonly store: Store;
  /** Returns a package of the repository by its location. Called only for packages that seem to exist. */
  readonly present: (location: string) => Promise<IndexEntry | undefined>;
  /** Undefined in a repository without signatures. */
  readonly keyring: Keyring | undefined;
  readonly allowUnsigned: boolean;
  /** Refuses packages that rpm accepts, but would write differently. */
  readonly strict: boolean;
  /** What happens to the given files once their packages are published. */
  readonly sources: "kept" | "removed";
}

/** Result for one file. */
export type Verdict =
  | { readonly kind: "accepted"; readonly one: AcceptedPackage }
  | { readonly kind: "unchanged"; readonly name: string }
  | {
      readonly kind: "refused";
      readonly problems: readonly string[];
      /** The file could not be read, so its package is not judged. */
      readonly unread?: boolean;
    };

/** Compares a file with the existing package of the same name. Reports a damaged copy as damaged. */
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
  const fact = `${name} is already in the repository with other content`;
  return { kind: "refused", problems: [`${source}: ${fact}; raise version or release`] };
}

/** Without keys, signatures cannot be verified, but broken packages are still refused. */
function isAcceptable(check: Check, rules: AcceptanceRules): boolean {
  if (isTolerable(check, rules)) return true;
  return rules.keyring === undefined && check.status !== "bad" && check.what.endsWith("signature");
}

/** Finds the package under any of its possible names, and chooses its name. */
async function locate(
  rpm: RpmPackage,
  rules: AcceptanceRules,
): Promise<{ readonly location: string; readonly entry: IndexEntry | undefined }> {
  const identity = identityOf(rpm);
  const names = packageFileNames(rpm);
  let location = `${layout.PACKAGES}/${names.preferred}`;
  for (const name of new Set([names.preferred, names.plain, names.unique])) {
    const entry = await rules.present(`${layout.PACKAGES}/${name}`);
    if (entry === undefined) continue;
    if (isSamePackage(entry, identity)) return { location: entry.location, entry };
    // Stored by an older version, which used only one name.
    if (name === names.preferred) location = `${layout.PACKAGES}/${names.unique}`;
  }
  return { location, entry: undefined };
}

/** A copied package, and the verification of the copy. */
interface Judged {
  readonly staged: StagedFile;
  readonly sha256: string;
  readonly verification: RpmVerification;
}

function verifyOptions(rules: AcceptanceRules): VerifyOptions {
  return {
    keyring: rules.keyring ?? { keys: [] },
    // Only rpm's own checks decide; decompression would take by far the most time.
    payload: rules.strict ? "expanded" : "stored",
  };
}

/** Verifies the package in memory, and writes it from there. */
async function judgeSmall(
  { rpm, content }: { rpm: RpmPackage; content: Buffer },
  rules: AcceptanceRules,
  context: Context,
): Promise<Judged> {
  const read = { rpm, content: heldContent(rpm, content) };
  const verification = await verifyRpm(rpm.path, { ...verifyOptions(rules), read }, context);
  const staged = await rules.store.stageContent(content, rpm.path);
  return { staged, sha256: digestOf(content), verification };
}

/** Verifies a package while it is copied: it is read once, and the verified bytes are those that are written. */
async function judgeLarge(
  rpm: RpmPackage,
  rules: AcceptanceRules,
  context: Context,
): Promise<Judged> {
  const task = context.progress.start(`adding ${path.basename(rpm.path)}`, rpm.fileSizeBytes);
  const quiet = { ...context, progress: silentProgress };
  await using digest = await beginDigest(rpm.fileSizeBytes);
  async function* measured(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      await digest.update(piece);
      task.advance(piece.length);
      yield piece;
    }
  }
  const verify = async (pieces: AsyncIterable<Buffer>): Promise<RpmVerification> => {
    const read = { rpm, content: await passingContent(rpm, measured(pieces)) };
    return verifyRpm(rpm.path, { ...verifyOptions(rules), read }, quiet);
  };
  try {
    let verification: RpmVerification | undefined;
    const staged = await rules.store.stage(rpm.path, {
      signal: context.signal,
      source: rules.sources,
      observe: async (pieces) => {
        verification = await verify(pieces);
      },
    });
    if (verification === undefined) throw new TypeError("a store staged a file unobserved");
    return { staged, sha256: await digest.finish(), verification };
  } finally {
    task.done();
  }
}

/** Returns the content of a package that is small enough for memory. */
async function readSmall(source: string): Promise<Buffer | undefined> {
  try {
    return await readPlainFile(source, { maxBytes: MAX_HELD_BYTES });
  } catch (error) {
    if (error instanceof ApplianceError && error.code === "LIB_LIMIT_EXCEEDED") return undefined;
    throw error;
  }
}

/**
 * Stages a package and returns whether it may be added. The published bytes are the verified ones, even if the file
 * changes meanwhile.
 *
 * @throws ApplianceError `RPM_MALFORMED`, `LIB_IO`, `REPODATA_BAD_NAME`, `LIB_INTERRUPTED`
 */
export async function judgePackage(
  source: string,
  rules: AcceptanceRules,
  context: Context,
): Promise<Verdict> {
  const content = await readSmall(source);
  const rpm =
    content === undefined ? await readRpm(source) : await readRpmContent(content, { path: source });
  const { location, entry } = await locate(rpm, rules);
  if (entry !== undefined) return comparePresent(source, entry, context);
  const judged =
    content === undefined
      ? await judgeLarge(rpm, rules, context)
      : await judgeSmall({ rpm, content }, rules, context);
  const { verification, staged, sha256 } = judged;
  const problems = verification.checks
    .filter((check) => !isAcceptable(check, rules))
    .map(({ what, detail, keyId, tag }) => {
      const about = [
        ...(keyId === undefined ? [] : [`key ${keyId}`]),
        ...(tag === undefined ? [] : [`tag ${tag}`]),
      ].join(", ");
      return `${source}: ${what}: ${detail ?? "bad"}${about === "" ? "" : ` (${about})`}`;
    });
  if (problems.length > 0) return { kind: "refused", problems };
  const record = recordFromRpm(rpm, { sha256, location });
  const badTexts = findBadTexts(record);
  if (badTexts.length > 0) {
    return { kind: "refused", problems: badTexts.map((fact) => `${source}: ${fact}`) };
  }
  const deviations = verification.checks
    .filter(({ status }) => status === "deviates" || status === "unchecked")
    .map(({ what, detail, codes = [] }) => {
      const names = codes.length === 0 ? "" : ` [${codes.join(", ")}]`;
      return `${what}: ${detail ?? "deviates"}${names}`;
    });
  const { signed } = verification;
  return { kind: "accepted", one: { source, record, staged, signed, deviations } };
}

import { ApplianceError } from "../errors.ts";
import { escapeText } from "../lib/xml/write.ts";
import { type DependencyKind, dependencyKinds, type PackageRecord } from "./package-record.ts";

/** The tag that holds the names of a list of dependencies. */
const dependencyTags: Readonly<Record<DependencyKind, string>> = {
  provides: "PROVIDENAME",
  requires: "REQUIRENAME",
  conflicts: "CONFLICTNAME",
  obsoletes: "OBSOLETENAME",
  suggests: "SUGGESTNAME",
  enhances: "ENHANCENAME",
  recommends: "RECOMMENDNAME",
  supplements: "SUPPLEMENTNAME",
};

/** Every text of a package in metadata, with its tag. */
function* textsOf(record: PackageRecord): Generator<readonly [tag: string, text: string]> {
  yield ["NAME", record.name];
  yield ["VERSION", record.version];
  yield ["RELEASE", record.release];
  yield ["ARCH", record.arch];
  yield ["SUMMARY", record.summary];
  yield ["DESCRIPTION", record.description];
  yield ["PACKAGER", record.packager];
  yield ["URL", record.url];
  yield ["LICENSE", record.license];
  yield ["VENDOR", record.vendor];
  yield ["GROUP", record.group];
  yield ["BUILDHOST", record.buildHost];
  yield ["SOURCERPM", record.sourceRpm];
  for (const kind of dependencyKinds) {
    for (const entry of record.dependencies[kind] ?? []) {
      yield [dependencyTags[kind], entry.name];
      const version = `${entry.version ?? ""}${entry.release ?? ""}`;
      yield [dependencyTags[kind].replace(/NAME$/, "VERSION"), version];
    }
  }
  for (const { path } of record.files) yield ["BASENAMES", path];
  for (const { author, text } of record.changelog) {
    yield ["CHANGELOGNAME", author];
    yield ["CHANGELOGTEXT", text];
  }
}

/** ASCII text of one or more lines, as nearly every text is. */
const PLAIN = /^[\t\n\r -~]*$/;

/** Returns one sentence for each tag whose text metadata cannot hold. createrepo_c leaves such a package out. */
export function findBadTexts(record: PackageRecord): readonly string[] {
  const problems = new Map<string, string>();
  for (const [tag, text] of textsOf(record)) {
    if (PLAIN.test(text) || problems.has(tag)) continue;
    try {
      escapeText(text);
    } catch (error) {
      if (!(error instanceof ApplianceError)) throw error;
      problems.set(tag, `${tag}: ${error.message}`);
    }
  }
  return [...problems.values()];
}

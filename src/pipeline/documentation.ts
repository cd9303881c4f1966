import { type DocumentationFile, shippedFileName } from "../package/index.ts";
import type { Source } from "../source/index.ts";
import { stagedAsIs } from "./staged-paths.ts";

const PATTERNS: readonly (readonly [RegExp, DocumentationFile["attribute"]])[] = [
  [/^README([.-][^/]*)?$/i, "readme"],
  [/^(LICEN[CS]E|COPYING|NOTICE)([.-][^/]*)?$/i, "license"],
  [/^(CHANGELOG|NEWS|AUTHORS)([.-][^/]*)?$/i, "doc"],
];

/** Files that the plan writes into the folder of the documentation. */
const CATALOGUE_FILES = ["appliance.xml", "catalogue.json", "payload"];

/** Returns the files of a source that are shipped as documentation: README, LICENSE and the package list. */
export function planDocumentation(
  source: Pick<Source, "appliance" | "files">,
): readonly DocumentationFile[] {
  const { packageList } = source.appliance;
  const documents = source.files.flatMap(({ path }): DocumentationFile[] => {
    const match = PATTERNS.find(([pattern]) => pattern.test(path));
    return match === undefined || path === packageList
      ? []
      : [{ name: path, stagedPath: stagedAsIs(path), attribute: match[1] }];
  });
  if (packageList === undefined || !source.files.some(({ path }) => path === packageList))
    return documents;
  const taken = new Set([...CATALOGUE_FILES, ...documents.map(({ name }) => name)]);
  const name = shippedFileName(packageList, undefined, taken);
  return [...documents, { name, stagedPath: stagedAsIs(packageList), attribute: "doc" }];
}

import type { DocumentationFile } from "../plan/index.ts";
import type { Source } from "../source/index.ts";

const PATTERNS: readonly (readonly [RegExp, DocumentationFile["attribute"]])[] = [
  [/^README([.-][^/]*)?$/i, "readme"],
  [/^(LICEN[CS]E|COPYING|NOTICE)([.-][^/]*)?$/i, "license"],
  [/^(CHANGELOG|NEWS|AUTHORS)([.-][^/]*)?$/i, "doc"],
];

/** Answers the files of a source that are shipped as documentation: README, LICENSE and the list of packages inside. */
export function planDocumentation(source: Source): readonly DocumentationFile[] {
  return source.files.flatMap((file): DocumentationFile[] => {
    if (file.path === source.appliance.packageList) {
      return [{ name: file.path.replaceAll("/", "-"), stagedPath: file.path, attribute: "doc" }];
    }
    const match = PATTERNS.find(([pattern]) => pattern.test(file.path));
    return match === undefined
      ? []
      : [{ name: file.path, stagedPath: file.path, attribute: match[1] }];
  });
}

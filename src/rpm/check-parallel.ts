import { countOf } from "../lib/count-of.ts";
import { malformed } from "./format/malformed.ts";
import type { HeaderPlace } from "./format/header-decode.ts";
import { tagDefinition, type TagName } from "./format/tags.ts";
import type { RpmHeader } from "./rpm-header.ts";

type Tag = TagName<"main">;

/** Tags whose elements correspond by position, so all present tags must have the same number of elements. */
const parallel = (
  [
    [
      "BASENAMES",
      "DIRINDEXES",
      "FILESIZES",
      "LONGFILESIZES",
      "FILEMODES",
      "FILERDEVS",
      "FILEMTIMES",
      "FILEDIGESTS",
      "FILELINKTOS",
      "FILEFLAGS",
      "FILEUSERNAME",
      "FILEGROUPNAME",
      "FILEVERIFYFLAGS",
      "FILEDEVICES",
      "FILEINODES",
      "FILELANGS",
    ],
    ["PROVIDENAME", "PROVIDEFLAGS", "PROVIDEVERSION"],
    ["REQUIRENAME", "REQUIREFLAGS", "REQUIREVERSION"],
    ["CONFLICTNAME", "CONFLICTFLAGS", "CONFLICTVERSION"],
    ["OBSOLETENAME", "OBSOLETEFLAGS", "OBSOLETEVERSION"],
    ["RECOMMENDNAME", "RECOMMENDFLAGS", "RECOMMENDVERSION"],
    ["SUGGESTNAME", "SUGGESTFLAGS", "SUGGESTVERSION"],
    ["SUPPLEMENTNAME", "SUPPLEMENTFLAGS", "SUPPLEMENTVERSION"],
    ["ENHANCENAME", "ENHANCEFLAGS", "ENHANCEVERSION"],
    ["CHANGELOGTIME", "CHANGELOGNAME", "CHANGELOGTEXT"],
  ] as const satisfies readonly (readonly Tag[])[]
).map((tags) => tags.map((name) => ({ name, number: tagDefinition("main", name).number })));
const folderList = tagDefinition("main", "DIRNAMES").number;

/**
 * Checks that corresponding lists have the same number of elements, and that every file has a folder.
 *
 * @throws ApplianceError `RPM_MALFORMED`
 */
export function checkParallelLists(header: RpmHeader<"main">, place: HeaderPlace): void {
  const counts = new Map(header.entries.map(({ tag, count }) => [tag, count]));
  for (const lists of parallel) {
    const [first, ...others] = lists.filter(({ number }) => counts.has(number));
    if (first === undefined) continue;
    const count = counts.get(first.number);
    const odd = others.find(({ number }) => counts.get(number) !== count);
    if (odd === undefined) continue;
    const fact = `has ${countOf(counts.get(odd.number) ?? 0, "element")} in ${odd.name}, and ${count} in ${first.name}`;
    throw malformed(place.origin, place.start, fact);
  }
  const folders = counts.get(folderList) ?? 0;
  const outside = header.integers("DIRINDEXES").find((index) => index >= folders);
  if (outside !== undefined) {
    const fact = `has a file in folder ${outside}, and ${countOf(folders, "folder")}`;
    throw malformed(place.origin, place.start, fact);
  }
}

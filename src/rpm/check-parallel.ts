import { malformed } from "./format/malformed.ts";
import type { HeaderPlace } from "./format/header-decode.ts";
import { tagDefinition } from "./format/tags.ts";
import type { TagName } from "./format/tags.ts";
import type { RpmHeader } from "./rpm-header.ts";

type Tag = TagName<"main">;

/** Lists whose elements belong together by position, so that all that are there must have as many. */
const parallel: readonly (readonly Tag[])[] = [
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
];

/**
 * Checks that lists which belong together agree: the same number of elements in each, and a folder for every file.
 *
 * @throws ApplianceError `RPM_MALFORMED`
 */
export function checkParallelLists(header: RpmHeader<"main">, place: HeaderPlace): void {
  const counts = new Map(header.entries.map(({ tag, count }) => [tag, count]));
  const countOf = (tag: Tag): number | undefined => counts.get(tagDefinition("main", tag).number);
  for (const tags of parallel) {
    const [first, ...others] = tags.filter((tag) => countOf(tag) !== undefined);
    if (first === undefined) continue;
    const odd = others.find((tag) => countOf(tag) !== countOf(first));
    if (odd === undefined) continue;
    const fact = `has ${countOf(odd)} elements in ${odd}, and ${countOf(first)} in ${first}`;
    throw malformed(place.origin, place.start, fact);
  }
  const folders = countOf("DIRNAMES") ?? 0;
  const outside = header.integers("DIRINDEXES").find((index) => index >= folders);
  if (outside !== undefined) {
    const fact = `has a file in folder ${outside}, and ${folders} folders`;
    throw malformed(place.origin, place.start, fact);
  }
}

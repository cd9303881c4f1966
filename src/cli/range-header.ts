/**
 * Rewrites a Range header so that `send` answers it as RFC 9110 wants: it takes a suffix that is longer than the file
 * for unsatisfiable, and the name of the unit in lower case only.
 *
 * @param sizeBytes  of the file
 * @returns undefined where the header is to be ignored: it is malformed, about another unit, or asks for the end of an
 *   empty file
 * @see RFC 9110, sections 14.1.2 and 14.2
 */
export function normalizeRange(header: string, sizeBytes: number): string | undefined {
  const set = /^[ \t]*bytes[ \t]*=(.*)$/is.exec(header)?.[1];
  if (set === undefined) return undefined;
  // A list may hold empty elements.
  const ranges = set
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  if (ranges.length === 0) return undefined;
  const rewritten: string[] = [];
  for (const range of ranges) {
    const [, first, last] = /^(\d*)-(\d*)$/.exec(range) ?? [];
    if (first === undefined || last === undefined || first + last === "") return undefined;
    if (first !== "") {
      rewritten.push(range);
      continue;
    }
    const suffix = Number(last);
    if (suffix > 0 && sizeBytes === 0) return undefined;
    rewritten.push(suffix > sizeBytes ? "0-" : range);
  }
  return `bytes=${rewritten.join(",")}`;
}

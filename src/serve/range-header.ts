/** One range, with the spaces and tabs that a list allows around it; `trim` would remove other characters too. */
const oneRange = /^[ \t]*(\d*)-(\d*)[ \t]*$/;

/**
 * Rewrites a Range header so that `send` follows RFC 9110. `send` treats two kinds of ranges as unsatisfiable: a suffix
 * longer than the file, and a range that ends before it starts. It accepts the unit in lower case only.
 *
 * @param sizeBytes  size of the file
 * @returns the new header; undefined if the header must be ignored: a range is malformed or ends before it starts, the
 *   unit is not bytes, or the header requests a suffix of an empty file
 * @see RFC 9110, sections 14.1.1, 14.1.2 and 14.2
 */
export function normalizeRange(header: string, sizeBytes: number): string | undefined {
  const set = /^bytes=(.*)$/is.exec(header)?.[1];
  if (set === undefined) return undefined;
  // A list may hold empty elements.
  const ranges = set.split(",").filter((one) => !/^[ \t]*$/.test(one));
  if (ranges.length === 0) return undefined;
  const rewritten: string[] = [];
  for (const range of ranges) {
    const [, first, last] = oneRange.exec(range) ?? [];
    if (first === undefined || last === undefined || first + last === "") return undefined;
    if (first !== "") {
      // Positions have any number of digits; as Number, adjacent large positions would compare equal.
      if (last !== "" && BigInt(last) < BigInt(first)) return undefined;
      rewritten.push(`${first}-${last}`);
      continue;
    }
    const suffix = Number(last);
    if (suffix > 0 && sizeBytes === 0) return undefined;
    rewritten.push(suffix > sizeBytes ? "0-" : `-${last}`);
  }
  return `bytes=${rewritten.join(",")}`;
}

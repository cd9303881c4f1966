/** One range, with the blanks that a list may have around it; JavaScript's trim would take away more. */
const oneRange = /^[ \t]*(\d*)-(\d*)[ \t]*$/;

/**
 * Rewrites a Range header so that `send` answers it as RFC 9110 wants: it takes a suffix that is longer than the file,
 * and a range that ends before it starts, for unsatisfiable, and the name of the unit in lower case only.
 *
 * @param sizeBytes  of the file
 * @returns undefined where the header is to be ignored: one of its ranges is malformed or ends before it starts, it is
 *   about another unit, or it asks for the end of an empty file
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
      // Positions are of any length: numbers would take neighbours for equal.
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

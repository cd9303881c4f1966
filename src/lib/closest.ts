/** Returns the number of edits between two words: insertions, deletions, substitutions and adjacent transpositions. */
function editsBetween(a: string, b: string): number {
  let before: readonly number[] = [];
  let above: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const differs = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(
        (above[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (above[j - 1] ?? 0) + differs,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row.push(least);
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}

/** Returns the maximum number of edits for a known word to be considered close. */
function limitOf(known: string): number {
  return Math.max(1, Math.floor(known.length / 3));
}

/** Returns the known words close to a mistyped word, the closest first; empty if none is close. */
export function closestOf(word: string, known: readonly string[]): readonly string[] {
  return known
    .filter((candidate) => Math.abs(candidate.length - word.length) <= limitOf(candidate))
    .map((candidate) => ({ candidate, edits: editsBetween(word, candidate) }))
    .filter(({ candidate, edits }) => edits <= limitOf(candidate))
    .sort((a, b) => a.edits - b.edits)
    .map(({ candidate }) => candidate);
}

/** Returns the known word closest to a mistyped word, or undefined if none is close. */
export function closest(word: string, known: readonly string[]): string | undefined {
  return closestOf(word, known)[0];
}

/** Maximum number of names in a message. */
const MAX_NAMES = 8;
/** Maximum length of a compared word: the work is quadratic in the length, and real names are shorter. */
const MAX_WORD = 64;
/** Maximum number of names compared by edits; the substring search is cheap and covers all names. */
const MAX_COMPARED = 200;

/**
 * Returns the known names to list in a message about an unknown name: the names that are close to it or contain it,
 * otherwise all. The list is limited to 8 names; a last item then gives the number of omitted names.
 */
export function knownNames(wanted: string, known: readonly string[]): readonly string[] {
  const word = wanted.slice(0, MAX_WORD);
  const near = new Set([
    ...closestOf(
      word,
      known.slice(0, MAX_COMPARED).map((name) => name.slice(0, MAX_WORD)),
    ),
    ...known.filter((name) => word !== "" && name.includes(word)),
  ]);
  const likely = known.filter((name) => near.has(name) || near.has(name.slice(0, MAX_WORD)));
  const listed = (likely.length > 0 ? likely : known).slice(0, MAX_NAMES);
  const left = known.length - listed.length;
  return left === 0 ? listed : [...listed, `and ${left} more`];
}

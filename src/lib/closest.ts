/** Edits between two words: characters added, dropped, replaced, or swapped with their neighbour. */
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

/** Most edits at which a known word is still near. */
function limitOf(known: string): number {
  return Math.max(1, Math.floor(known.length / 3));
}

/** Returns the known words that a mistyped one may have meant, the likeliest first; none when none is near. */
export function closestOf(word: string, known: readonly string[]): readonly string[] {
  return known
    .filter((candidate) => Math.abs(candidate.length - word.length) <= limitOf(candidate))
    .map((candidate) => ({ candidate, edits: editsBetween(word, candidate) }))
    .filter(({ candidate, edits }) => edits <= limitOf(candidate))
    .sort((a, b) => a.edits - b.edits)
    .map(({ candidate }) => candidate);
}

/** Returns the known word that a mistyped one most likely meant, or undefined when none is near. */
export function closest(word: string, known: readonly string[]): string | undefined {
  return closestOf(word, known)[0];
}

/** Most names that a message lists. */
const MAX_NAMES = 8;
/** Longest word that is compared: work grows with its square, and nobody means that one. */
const MAX_WORD = 64;
/** Most names that are compared by edits; whether they hold the word is seen at a glance. */
const MAX_COMPARED = 200;

/**
 * Returns which of the known names a message about an unknown one lists: those that are near it or hold it, else all,
 * as far as a reader goes through them; what is left out is said.
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

/** Edits between two words: characters added, dropped, replaced, or swapped with their neighbour. */
function editsBetween(a: string, b: string): number {
  const rows: number[][] = [];
  for (let i = 0; i <= a.length; i += 1) {
    const row: number[] = [];
    rows.push(row);
    for (let j = 0; j <= b.length; j += 1) {
      const at = (up: number, left: number): number => rows[i - up]?.[j - left] ?? Infinity;
      const differs = a[i - 1] === b[j - 1] ? 0 : 1;
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        i === 0 && j === 0
          ? 0
          : Math.min(
              at(1, 0) + 1,
              at(0, 1) + 1,
              at(1, 1) + differs,
              isSwap ? at(2, 2) + 1 : Infinity,
            ),
      );
    }
  }
  return rows[a.length]?.[b.length] ?? Infinity;
}

/** Answers the known words that a mistyped one may have meant, the likeliest first; none when none is near. */
export function closestOf(word: string, known: readonly string[]): readonly string[] {
  return known
    .map((candidate) => ({ candidate, edits: editsBetween(word, candidate) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.edits - b.edits)
    .map(({ candidate }) => candidate);
}

/** Answers the known word that a mistyped one most likely meant, or undefined when none is near. */
export function closest(word: string, known: readonly string[]): string | undefined {
  return closestOf(word, known)[0];
}

/** Most names that a message lists. */
const MAX_NAMES = 8;
/** Longest word that is compared: work grows with its square, and nobody means that one. */
const MAX_WORD = 100;
/** Most names that are compared by edits; whether they hold the word is seen at a glance. */
const MAX_COMPARED = 500;

/**
 * Answers which of the known names a message about an unknown one lists: those that are near it or hold it, else all,
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

/** Returns the plural of a regular English noun. */
function pluralOf(noun: string): string {
  if (/(?:s|x|ch|sh)$/.test(noun)) return `${noun}es`;
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}

/** Returns a count with its noun in singular or plural: `1 package`, `2 packages`, `0 boxes`. */
export function countOf(count: number | bigint, noun: string): string {
  return `${count} ${Number(count) === 1 ? noun : pluralOf(noun)}`;
}

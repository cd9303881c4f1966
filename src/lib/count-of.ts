/** Returns the plural of an English noun that has a regular one. */
function pluralOf(noun: string): string {
  if (/(?:s|x|ch|sh)$/.test(noun)) return `${noun}es`;
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}

/** Returns a number of things as a sentence has it: `1 package`, `2 packages`, `0 boxes`. */
export function countOf(count: number | bigint, noun: string): string {
  return `${count} ${Number(count) === 1 ? noun : pluralOf(noun)}`;
}

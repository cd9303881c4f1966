/**
 * Returns a text without the given characters at its end. A regular expression such as `/ +$/` takes quadratic time on
 * a run of spaces: half a minute for 64 KiB.
 */
export function trimEndOf(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

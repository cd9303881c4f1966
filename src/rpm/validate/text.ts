/** Returns the problems of one line of text. */
export function lineProblems(what: string, text: string | undefined): string[] {
  if (text === undefined) return [];
  if (text.trim() === "") return [`${what} is empty`];
  // eslint-disable-next-line no-control-regex -- control characters are what is searched for
  if (/[\u0000-\u001f\u007f]/.test(text)) return [`${what} contains a control character`];
  return wellFormedProblems(what, text);
}

/** Returns the problems of multi-line text. */
export function textProblems(what: string, text: string): string[] {
  // eslint-disable-next-line no-control-regex -- control characters are what is searched for
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text))
    return [`${what} contains a control character`];
  return wellFormedProblems(what, text);
}

/** Half of a surrogate pair cannot be written as UTF-8. */
function wellFormedProblems(what: string, text: string): string[] {
  return /\p{Surrogate}/u.test(text) ? [`${what} is not valid Unicode`] : [];
}

/** Returns the problems of a number that rpm stores in 32 bits, unsigned. */
export function integerProblems(what: string, value: number | undefined): string[] {
  if (value === undefined) return [];
  return Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff
    ? []
    : [`${what} is ${value}, expected a whole number from 0 to 4294967295`];
}

/** Returns the problems of text that must match a pattern completely. */
export function patternProblems(
  what: string,
  text: string,
  options: { readonly pattern: RegExp; readonly expected: string },
): string[] {
  return options.pattern.test(text) ? [] : [`${what} is "${text}", expected ${options.expected}`];
}

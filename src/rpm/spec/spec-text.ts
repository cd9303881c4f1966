/**
 * Escapes every percent sign, so that rpm expands nothing in a text. Doubled, it is one. After a backslash that is not
 * enough: rpm, which looks for the end of a macro over several lines, would take the second of the two for a beginning.
 */
export function escapeMacros(text: string): string {
  return text.replaceAll(/(\\*)%/g, (_, backslashes: string) =>
    backslashes.length % 2 === 0 ? `${backslashes}%%` : `${backslashes}%{expand:%%%%}`,
  );
}

/**
 * Returns a text as one word of the shell script in `%install`: in single quotes, with no macro. Nothing in it is
 * expanded, by rpm or by the shell.
 */
export function shellWord(text: string): string {
  return `'${escapeMacros(text).replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * Returns the problem of a path that `%files` cannot name. rpm expands macros in these lines several times, and its
 * versions differ in how often, and in what a backslash before a wildcard means.
 */
export function filesPathProblems(path: string): string[] {
  const found = /["\\%*?[\]{}]/.exec(path)?.[0];
  return found === undefined ? [] : [`${path}: %files of a spec cannot name a path with ${found}`];
}

/**
 * Returns what a spec cannot hold of a script. rpm looks for sections and conditions after it has expanded a line, so
 * that no escape hides one: a line that reads `%files` begins a section in every case.
 */
export function scriptProblems(what: string, script: string): string[] {
  return script.split("\n").flatMap((line, index) => {
    const word = /^\s*(%[a-z]+)/i.exec(line)?.[1];
    return word === undefined
      ? []
      : [`${what}: line ${index + 1} begins with ${word}, which a spec takes for a directive`];
  });
}

/** Returns what a spec cannot hold of a text: as {@link scriptProblems}, and lines that rpm leaves out as comments. */
export function proseProblems(what: string, text: string): string[] {
  const comments = text.split("\n").flatMap((line, index) => {
    const place = `${what}: line ${index + 1}`;
    return /^\s*#/.test(line) ? [`${place} begins with #, which a spec takes for a comment`] : [];
  });
  return [...scriptProblems(what, text), ...comments];
}

/**
 * Replaces the comments in JSON, which Puppet's parser ignores, with white space of the same length. An unclosed
 * comment is kept, so the text is then not valid JSON.
 */
export function withoutComments(text: string): string {
  const parts: string[] = [];
  let from = 0;
  const blank = (at: number, end: number): void => {
    parts.push(text.slice(from, at), text.slice(at, end).replace(/[^\n]/g, " "));
    from = end;
  };
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === "\\") at++;
    } else if (text.startsWith("//", at)) {
      const end = text.indexOf("\n", at);
      blank(at, end === -1 ? text.length : end);
      at = from - 1;
    } else if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at + 2);
      if (end === -1) break;
      blank(at, end + 2);
      at = from - 1;
    }
  }
  return [...parts, text.slice(from)].join("");
}

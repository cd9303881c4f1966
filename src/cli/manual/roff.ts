/** Characters that roff would take for something else, and those outside ASCII, which old readers garble. */
function escapeCharacters(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    .replace(/[^\n -~]/gu, (character) => {
      const code = character.codePointAt(0) ?? 0;
      return `\\[u${code.toString(16).toUpperCase().padStart(4, "0")}]`;
    });
}

/** How long a line of the source becomes: what mandoc's lint wants. */
const LINE_LENGTH = 80;

function wrap(text: string): string {
  const wrapped: string[] = [];
  let line = "";
  for (const part of text.split(/\s+/)) {
    // An option in a sentence may be copied as well.
    const word = part.startsWith("-") ? part.replaceAll("-", "\\-") : part;
    if (line !== "" && line.length + 1 + word.length > LINE_LENGTH) {
      wrapped.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...wrapped, line].join("\n");
}

/** Returns a text as a paragraph of roff that shows it: no line of it is a request. */
export function prose(text: string): string {
  return wrap(escapeCharacters(text)).replace(/^\./gm, "\\&.");
}

/** Returns a text to be typed as it is: hyphens stay hyphens when they are copied. */
function literal(text: string): string {
  return escapeCharacters(text).replaceAll("-", "\\-");
}

/** Returns a text to be typed as it is, in bold. */
export function bold(text: string): string {
  return `\\fB${literal(text)}\\fR`;
}

/** Returns the name of something that the user chooses, in italics. */
export function italic(text: string): string {
  return `\\fI${literal(text)}\\fR`;
}

/** Returns a section with its paragraphs. */
export function section(title: string, ...body: readonly string[]): string {
  return [`.SH ${title}`, ...body].join("\n");
}

/** Returns a list of terms, already roff, with their plain explanations. */
export function terms(list: readonly (readonly [string, string])[]): string {
  return list.map(([term, text]) => `.TP\n${term}\n${prose(text)}`).join("\n");
}

/** Returns lines to be shown as they are. */
export function lines(...text: readonly string[]): string {
  return [
    ".PP",
    ".RS 4",
    ".nf",
    ...text.map((line) => literal(line).replace(/^\./, "\\&.")),
    ".fi",
    ".RE",
  ].join("\n");
}

/** Escapes characters that are special to roff, and those outside ASCII, which old man programs garble. */
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

/** Maximum line length of the source, from the lint of mandoc. */
const LINE_LENGTH = 80;

function wrap(text: string): string {
  const wrapped: string[] = [];
  let line = "";
  for (const part of text.split(/\s+/)) {
    // Readers may copy an option from a sentence too.
    const word = part.startsWith("-") ? part.replaceAll("-", "\\-") : part;
    if (line !== "" && line.length + 1 + word.length > LINE_LENGTH) {
      wrapped.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...wrapped, line].join("\n");
}

/** Returns a text as a roff paragraph in which no line is a roff request. */
export function prose(text: string): string {
  return wrap(escapeCharacters(text)).replace(/^\./gm, "\\&.");
}

/** Returns literal text as roff. Its hyphens are still hyphens when they are copied from the page. */
function literal(text: string): string {
  return escapeCharacters(text).replaceAll("-", "\\-");
}

/** Returns literal text in bold. */
export function bold(text: string): string {
  return `\\fB${literal(text)}\\fR`;
}

/** Returns the name of a value that the user chooses, in italics. */
export function italic(text: string): string {
  return `\\fI${literal(text)}\\fR`;
}

/** Returns a section with its paragraphs. */
export function section(title: string, ...body: readonly string[]): string {
  return [`.SH ${title}`, ...body].join("\n");
}

/** Returns a list of terms with explanations. The terms are roff, the explanations plain text. */
export function terms(list: readonly (readonly [string, string])[]): string {
  return list.map(([term, text]) => `.TP\n${term}\n${prose(text)}`).join("\n");
}

/** Returns lines as an unfilled block. */
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

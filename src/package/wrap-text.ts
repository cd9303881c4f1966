/** Maximum line width that rpm's tools print without wrapping. */
const COLUMNS = 79;

/** Returns text with its lines broken at spaces to 79 columns; line breaks, indented lines and long words are kept. */
export function wrapText(text: string): string {
  return text
    .split("\n")
    .map((line) => (/^\s/.test(line) ? line.trimEnd() : wrapLine(line)))
    .join("\n");
}

function wrapLine(line: string): string {
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(/ +/)) {
    if (current !== "" && current.length + word.length + 1 > COLUMNS) {
      lines.push(current);
      current = word;
    } else current = current === "" ? word : `${current} ${word}`;
  }
  return [...lines, current].join("\n");
}

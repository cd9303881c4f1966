/** One command of a page, with the output that the page shows for it. */
export interface ReadmeCommand {
  readonly line: number;
  readonly command: string;
  /** Lines of output; `…` stands for any text within a line, a line of `…` alone for any lines. */
  readonly output: readonly string[];
}

/** A fenced block of commands. */
export interface ReadmeBlock {
  /** `console`: run by the builder; `console host`: run as root on a KVM host. */
  readonly place: "builder" | "host";
  readonly commands: readonly ReadmeCommand[];
}

/**
 * Finds the blocks fenced with `console` or `console host` in a Markdown page. A command begins with `$ ` or `# `,
 * continues after a backslash at the end of a line, and is followed by its output.
 */
export function readmeBlocks(markdown: string): readonly ReadmeBlock[] {
  const blocks: ReadmeBlock[] = [];
  let open:
    | {
        place: ReadmeBlock["place"];
        commands: { line: number; command: string; output: string[] }[];
      }
    | undefined;
  let continued = false;
  for (const [index, line] of markdown.split("\n").entries()) {
    const fence = /^```(.*)$/.exec(line);
    if (fence !== null) {
      if (open !== undefined) blocks.push(open);
      const info = (fence[1] ?? "").trim();
      open =
        open === undefined && (info === "console" || info === "console host")
          ? { place: info === "console" ? "builder" : "host", commands: [] }
          : undefined;
      continued = false;
      continue;
    }
    if (open === undefined) continue;
    const last = open.commands.at(-1);
    if (continued && last !== undefined) last.command += `\n${line}`;
    else if (/^[$#] /.test(line)) {
      open.commands.push({ line: index + 1, command: line.slice(2), output: [] });
    } else last?.output.push(line);
    continued = line.endsWith("\\") && (continued || /^[$#] /.test(line));
  }
  return blocks;
}

function linePattern(line: string): RegExp {
  const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${line.trimEnd().split("…").map(escape).join(".*")}\\s*$`);
}

/** Returns the first line of `expected` that `actual` does not show in its place, or undefined when all is there. */
export function missingLine(expected: readonly string[], actual: string): string | undefined {
  const lines = actual.split("\n");
  let at = 0;
  let skip = false;
  for (const want of expected) {
    if (want.trim() === "") continue;
    if (want.trim() === "…") {
      skip = true;
      continue;
    }
    const pattern = linePattern(want);
    while (at < lines.length && (lines[at] ?? "").trim() === "") at += 1;
    if (skip) while (at < lines.length && !pattern.test(lines[at] ?? "")) at += 1;
    if (!pattern.test(lines[at] ?? "")) return want;
    at += 1;
    skip = false;
  }
  return undefined;
}

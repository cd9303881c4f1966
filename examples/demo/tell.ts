/** Where the story goes. */
export interface Output {
  readonly write: (text: string) => void;
  readonly colour: boolean;
}

/** Adds a line below the present step. */
export type Say = (line: string) => void;

/** Tells the demo: one line a step, with its time, and a few indented lines of what it showed. */
export interface Tell {
  /** Begins a chapter of so many steps, which are numbered anew. */
  readonly chapter: (text: string, steps: number) => void;
  readonly step: <T>(title: string, work: (say: Say) => Promise<T>) => Promise<T>;
  readonly line: (text: string) => void;
}

const TITLE_COLUMNS = 78;
const INDENT = "        ";

/** Makes a {@link Tell}; colour only where a terminal shows it. */
export function makeTell(output: Output, nowMs: () => number): Tell {
  const paint = (code: string, text: string): string =>
    output.colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  let step = 0;
  let lastStep = 0;
  return {
    chapter(text, steps) {
      step = 0;
      lastStep = steps;
      output.write(`${paint("1", text)}\n`);
    },
    line(text) {
      output.write(`${text}\n`);
    },
    async step(title, work) {
      step += 1;
      const number = `[${step}/${lastStep}]`;
      const lines: string[] = [];
      const started = nowMs();
      if (output.colour) output.write(`${number} ${title} …\r`);
      const end = (mark: string): void => {
        const seconds = `${((nowMs() - started) / 1000).toFixed(1)} s`.padStart(7);
        const padded = title.padEnd(TITLE_COLUMNS);
        output.write(`${paint("1", number)} ${padded} ${seconds}${mark}\n`);
        for (const line of lines) output.write(`${INDENT}${paint("2", line)}\n`);
      };
      try {
        const result = await work((line) => lines.push(...line.trimEnd().split("\n")));
        end("");
        return result;
      } catch (error) {
        end(paint("31", "  stopped"));
        throw error;
      }
    },
  };
}

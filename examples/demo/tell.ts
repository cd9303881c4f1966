/** Receives the lines of the demo. */
export interface Output {
  readonly write: (text: string) => void;
  readonly colour: boolean;
}

/** Adds a line below the current step. */
export type Say = (line: string) => void;

/** Prints the demo: one line for each step, with its time, and below it a few indented lines of output. */
export interface Tell {
  /** Begins a demo of so many steps, which are numbered through all chapters. */
  readonly begin: (steps: number) => void;
  /** Prints the heading of a chapter. */
  readonly chapter: (text: string) => void;
  readonly step: <T>(title: string, work: (say: Say) => Promise<T>) => Promise<T>;
  readonly line: (text: string) => void;
}

const TITLE_COLUMNS = 78;
const INDENT = "        ";

/** Makes a {@link Tell}. It uses colour only on a terminal. */
export function makeTell(output: Output, nowMs: () => number): Tell {
  const paint = (code: string, text: string): string =>
    output.colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  let step = 0;
  let lastStep = 0;
  return {
    begin(steps) {
      step = 0;
      lastStep = steps;
    },
    chapter(text) {
      output.write(`${paint("1", text)}\n`);
    },
    line(text) {
      output.write(`${text}\n`);
    },
    async step(title, work) {
      step += 1;
      const number = `[${step}/${lastStep}]`.padEnd(`[${lastStep}/${lastStep}]`.length);
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

import { ApplianceError, escapeControls } from "../../errors.ts";

/** Longest answer that is read, in characters. */
const MAX_LENGTH = 4096;

/** Input that followed the last answer; one read can return several lines. */
let typedAhead = "";

/** State of the line that is being typed. */
interface Typed {
  readonly text: string;
  readonly state: "typing" | "done" | "interrupted";
  /** Input after the end of the answer. */
  readonly rest: string;
}

/** Returns the state of a line after more key presses. */
function press(before: string, keys: string): Typed {
  let text = before;
  const pressed = Array.from(keys);
  for (const [index, key] of pressed.entries()) {
    const rest = pressed.slice(index + 1).join("");
    if (key === "\r" || key === "\n" || key === "\u0004") return { text, state: "done", rest };
    if (key === "\u0003") return { text, state: "interrupted", rest };
    if (key === "\u007f" || key === "\b") text = text.replace(/.$/su, "");
    else if (key === "\u0015") text = "";
    else text += key;
  }
  return { text, state: text.length > MAX_LENGTH ? "done" : "typing", rest: "" };
}

/**
 * Asks a question on the terminal and returns the answer. Restores the terminal's mode before it returns or throws.
 *
 * @param options.echo  whether the input is shown
 * @throws ApplianceError `LIB_INTERRUPTED` on Ctrl-C, which sends no signal while the terminal is in raw mode
 */
export async function askOnTerminal(
  question: string,
  options: { readonly echo: boolean; readonly signal: AbortSignal },
): Promise<string> {
  const { echo, signal } = options;
  const { stdin, stderr } = process;
  const shown = (text: string): string => escapeControls(`${question}${text}`);
  const show = (before: string, text: string): void => {
    // The line is redrawn only when characters were erased.
    const isLonger = text.startsWith(before);
    stderr.write(isLonger ? escapeControls(text.slice(before.length)) : `\r\u001b[K${shown(text)}`);
  };
  // Raw mode first: it turns off the terminal's own echo.
  stdin.setRawMode(true);
  stderr.write(shown(""));
  let stop = (): void => {};
  try {
    return await new Promise<string>((resolve, reject) => {
      let text = "";
      const interrupted = (): void =>
        reject(new ApplianceError("LIB_INTERRUPTED", "question: interrupted"));
      const take = (keys: string): void => {
        // Escape sequences, such as cursor keys, are ignored.
        const typed = press(text, keys.startsWith("\u001b") ? "" : keys);
        if (echo) show(text, typed.text);
        ({ text } = typed);
        if (typed.state === "interrupted") return interrupted();
        if (typed.state === "typing") return;
        typedAhead = typed.rest;
        resolve(text);
      };
      const onData = (chunk: Buffer): void => take(chunk.toString("utf8"));
      const onEnd = (): void => resolve(text);
      stop = (): void => {
        stdin.off("data", onData).off("end", onEnd).pause();
        signal.removeEventListener("abort", interrupted);
      };
      signal.addEventListener("abort", interrupted);
      if (signal.aborted) return interrupted();
      const ahead = typedAhead;
      typedAhead = "";
      stdin.on("data", onData).on("end", onEnd).resume();
      if (ahead !== "") take(ahead);
    });
  } finally {
    stop();
    stdin.setRawMode(false);
    stderr.write("\n");
  }
}

import { ApplianceError, escapeControls } from "../errors.ts";

/** Longest answer that is read, in characters. */
const MAX_LENGTH = 4096;

/** What was typed behind the end of the last answer: several lines may come at once. */
let typedAhead = "";

/** What the keys come to so far. */
interface Typed {
  readonly text: string;
  readonly state: "typing" | "done" | "interrupted";
  /** What follows the end of the answer. */
  readonly rest: string;
}

/** Returns what a line has come to when more keys are pressed. */
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
 * Asks on the terminal. The terminal is as before when this returns or throws.
 *
 * @param options.echo  whether what is typed is shown
 * @throws ApplianceError `LIB_INTERRUPTED` on Ctrl-C, which the terminal does not turn into a signal meanwhile
 */
export async function askOnTerminal(
  question: string,
  options: { readonly echo: boolean; readonly signal: AbortSignal },
): Promise<string> {
  const { echo, signal } = options;
  const { stdin, stderr } = process;
  const shown = (text: string): string => escapeControls(`${question}${text}`);
  const show = (before: string, text: string): void => {
    // Only what is taken back has to be drawn anew.
    const isLonger = text.startsWith(before);
    stderr.write(isLonger ? escapeControls(text.slice(before.length)) : `\r\u001b[K${shown(text)}`);
  };
  // First of all: from now on the terminal itself shows nothing.
  stdin.setRawMode(true);
  stderr.write(shown(""));
  let stop = (): void => {};
  try {
    return await new Promise<string>((resolve, reject) => {
      let text = "";
      const interrupted = (): void =>
        reject(new ApplianceError("LIB_INTERRUPTED", "question: interrupted"));
      const take = (keys: string): void => {
        // A key that moves a cursor has no meaning here.
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

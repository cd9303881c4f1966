import { escapeControls } from "../../errors.ts";
import type { CountedWork, Progress, ProgressTask } from "../../lib/context.ts";
import { formatSize } from "../../lib/format-size.ts";

const BAR_CELLS = 24;
/** Work that takes less time gets no bar. */
const SHOW_AFTER_MS = 2000;
const REDRAW_MS = 200;
const PLAIN_LINE_MS = 10_000;
const PLAIN_TIME_MS = 60_000;

/** Output of the progress display. */
export interface ProgressOutput {
  readonly write: (text: string) => void;
  /** True to redraw one line, as on a terminal; false to write a plain line from time to time. */
  readonly terminal: boolean;
  readonly columns: number;
  readonly nowMs: () => number;
}

/** Returns a duration as `42 s`, `3 m 07 s` or `2 h 05 m`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const pad = (n: number): string => String(n).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${pad(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} m`;
}

/** Unit of an amount of work. */
interface Unit {
  readonly total: number | undefined;
  readonly write: (amount: number) => string;
  /** Text after the amount, with a leading space: the ` domains` of `12 of 40 domains`. */
  readonly name: string;
}

function unitOf(total: number | CountedWork | undefined): Unit {
  if (typeof total === "object")
    return { total: total.count, write: (n) => String(Math.floor(n)), name: ` ${total.of}` };
  return { total, write: formatSize, name: "" };
}

function describe(
  label: string,
  done: number,
  options: { readonly unit: Unit; readonly elapsedMs: number; readonly terminal: boolean },
): string {
  const { unit, elapsedMs, terminal } = options;
  const { total, name } = unit;
  const rate = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0;
  const speed = name === "" ? `  ${formatSize(rate)}/s` : "";
  if (total === undefined || total === 0) return `${label}  ${unit.write(done)}${name}${speed}`;
  const share = Math.min(1, done / total);
  const filled = Math.round(share * BAR_CELLS);
  const bar = terminal ? `[${"#".repeat(filled)}${"-".repeat(BAR_CELLS - filled)}] ` : "";
  const left = rate > 0 ? formatDuration((total - done) / rate) : "?";
  const percent = String(Math.floor(share * 100)).padStart(terminal ? 3 : 0);
  const amount = `${unit.write(done)} of ${unit.write(total)}${name}`;
  return `${label}  ${bar}${percent} %  ${amount}${speed}  ${left} left`;
}

/** Shows the elapsed time and the latest note: redrawn on a terminal, else one line a minute. */
function showTime(label: string, output: ProgressOutput): ProgressTask {
  const startedMs = output.nowMs();
  let lastMs = startedMs;
  let shown = false;
  return {
    advance: () => {},
    note(text: string): void {
      const nowMs = output.nowMs();
      if (nowMs - lastMs < (output.terminal ? REDRAW_MS : PLAIN_TIME_MS)) return;
      lastMs = nowMs;
      shown = true;
      const said = text === "" ? "" : `  ${escapeControls(text)}`;
      const line = `${label}  ${formatDuration((nowMs - startedMs) / 1000)}${said}`;
      output.write(
        output.terminal ? `\r\u001b[K${line.slice(0, output.columns - 1)}` : `${line}\n`,
      );
    },
    done(): void {
      if (shown && output.terminal) output.write("\r\u001b[K");
    },
  };
}

/** Shows the amount of work done: a bar on a terminal, else plain lines. */
function showAmount(label: string, unit: Unit, output: ProgressOutput): ProgressTask {
  const { terminal } = output;
  const everyMs = terminal ? REDRAW_MS : PLAIN_LINE_MS;
  const startedMs = output.nowMs();
  let done = 0;
  let lastMs = startedMs + SHOW_AFTER_MS - everyMs;
  let shown = false;
  const line = (): string =>
    describe(label, done, { unit, elapsedMs: output.nowMs() - startedMs, terminal });
  return {
    advance(amount: number): void {
      done += amount;
      const nowMs = output.nowMs();
      if (nowMs - lastMs < everyMs) return;
      lastMs = nowMs;
      shown = true;
      output.write(terminal ? `\r\u001b[K${line().slice(0, output.columns - 1)}` : `${line()}\n`);
    },
    done(): void {
      if (!shown) return;
      if (terminal) output.write("\r\u001b[K");
      else if (done === unit.total) output.write(`${line()}\n`);
    },
  };
}

/** Returns a progress display: a bar with rate and time left on a terminal, else plain lines. */
export function makeProgress(output: ProgressOutput): Progress {
  return {
    start(name: string, total?: number | "time" | CountedWork): ProgressTask {
      const label = escapeControls(name);
      if (total === "time") return showTime(label, output);
      return showAmount(label, unitOf(total), output);
    },
  };
}

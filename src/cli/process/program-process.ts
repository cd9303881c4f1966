import { processSignal } from "./process-signal.ts";

/** A stream that the command line writes to. */
export interface OutputStream {
  readonly isTTY?: boolean;
  /** Width of the terminal. */
  readonly columns?: number;
  write(text: string): boolean;
  on(event: "error", listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/** The parts of its process that the command line uses. Tests pass their own. */
export interface ProgramProcess {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Starts watching for interrupts, and returns the signal that an interrupt aborts. */
  watchInterrupts(): AbortSignal;
}

/** The process of the program itself. */
export const thisProcess: ProgramProcess = {
  environment: process.env,
  // Node opens a standard stream at the first access.
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return process.stdout;
  },
  get stderr() {
    return process.stderr;
  },
  watchInterrupts: processSignal,
};

import { performance } from "node:perf_hooks";

/** One measured operation. */
export interface Measurement {
  readonly what: string;
  /** Seconds of each run. */
  readonly ours: readonly number[];
  /** The plain tool that does the most similar thing, and the seconds of its runs. */
  readonly theirs: { readonly tool: string; readonly seconds: readonly number[] };
  /** Target: the longest time on an idle machine, in seconds. */
  readonly aim: number;
}

/** A chapter of the measurements: prepares what it needs, measures, and removes it. */
export interface Chapter {
  readonly name: string;
  /** What is measured, with the sizes that matter. */
  readonly title: string;
  readonly run: () => Promise<readonly Measurement[]>;
}

/** Runs something several times, and returns the seconds of each run. */
export async function time(run: () => Promise<unknown>, times = 3): Promise<readonly number[]> {
  const seconds: number[] = [];
  for (let count = 0; count < times; count += 1) {
    const startedMs = performance.now();
    await run();
    seconds.push((performance.now() - startedMs) / 1000);
  }
  return seconds;
}

/** Returns the middle one of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

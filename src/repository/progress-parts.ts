import { stat } from "node:fs/promises";
import { countOf } from "../lib/count-of.ts";
import type { Context } from "../lib/context.ts";

/** The packages as parts of one progress task. */
export interface ProgressParts {
  /** Returns a context in which the progress of a package advances the task. */
  readonly context: (index: number) => Context;
  /** Counts what a package has not reported itself. */
  readonly finish: (index: number) => void;
  readonly done: () => void;
}

/** Starts one progress task for several packages. A single package has its own task. */
export async function partsOf(
  sources: readonly string[],
  context: Context,
): Promise<ProgressParts> {
  if (sources.length === 1) return { context: () => context, finish: () => {}, done: () => {} };
  const left = await Promise.all(
    // A file that cannot be read is reported when it is judged.
    sources.map(async (source) => (await stat(source).catch(() => undefined))?.size ?? 0),
  );
  const total = left.reduce((sum, size) => sum + size, 0);
  const task = context.progress.start(`adding ${countOf(sources.length, "package")}`, total);
  const advance = (index: number, amount: number): void => {
    const counted = Math.min(amount, left[index] ?? 0);
    left[index] = (left[index] ?? 0) - counted;
    if (counted > 0) task.advance(counted);
  };
  return {
    context: (index) => ({
      ...context,
      progress: {
        start: () => ({ advance: (amount) => advance(index, amount), done: () => {} }),
      },
    }),
    finish: (index) => advance(index, Number.POSITIVE_INFINITY),
    done: () => task.done(),
  };
}

import type { Progress } from "../lib/context.ts";

/** Converts qemu-img's `(12.34/100%)` into bytes of the disk. */
export interface PercentageFollower {
  readonly read: (chunk: string) => void;
  readonly done: () => void;
}

/** Starts a progress task that follows qemu-img's progress. */
export function followPercentages(
  progress: Progress,
  label: string,
  totalBytes: number,
): PercentageFollower {
  const task = progress.start(label, totalBytes);
  let seenBytes = 0;
  return {
    read(chunk) {
      const last = [...chunk.matchAll(/\((\d+(?:\.\d+)?)\/100%\)/g)].at(-1)?.[1];
      if (last === undefined) return;
      const bytes = Math.floor((totalBytes * Math.min(100, Number(last))) / 100);
      if (bytes > seenBytes) {
        task.advance(bytes - seenBytes);
        seenBytes = bytes;
      }
    },
    done() {
      task.done();
    },
  };
}

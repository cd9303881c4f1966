import type { Sample } from "../model.ts";

/** Returns the middle one of some numbers, or the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** Returns the medians of each figure. */
export function medianSample(samples: readonly Sample[]): Sample {
  const of = (key: keyof Sample): number => median(samples.map((sample) => sample[key]));
  return {
    seconds: of("seconds"),
    cpuSeconds: of("cpuSeconds"),
    peakBytes: of("peakBytes"),
    readBytes: of("readBytes"),
    writtenBytes: of("writtenBytes"),
  };
}

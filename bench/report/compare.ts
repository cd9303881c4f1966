import { medianSample } from "../measure/median.ts";
import type { RowResult, Sample } from "../model.ts";

/** Largest memory that a process of virt-appliance may take. */
export const MAX_PEAK_BYTES: number = 200 * 1024 * 1024;

/** One line of the table: a row, and one of its peers. */
export interface Comparison {
  readonly row: string;
  readonly title: string;
  readonly contender: string;
  readonly peer: string;
  /** How many times as long the peer takes. */
  readonly ratio: number;
  /** Goal for the ratio, if there is one. */
  readonly aim: number | undefined;
  /** Goal for our own time, if there is one. */
  readonly seconds: number | undefined;
  readonly ours: Sample;
  readonly theirs: Sample;
  readonly runs: readonly [number, number];
}

/** Returns the lines of a table. */
export function compare(rows: readonly RowResult[]): readonly Comparison[] {
  return rows.flatMap(({ name, title, aims, seconds, ours, peers }) =>
    peers.map((peer) => {
      const [own, other] = [medianSample(ours.samples), medianSample(peer.samples)];
      return {
        row: name,
        title,
        contender: ours.name,
        peer: peer.name,
        ratio: other.seconds / own.seconds,
        aim: aims.find((aim) => aim.peer === peer.name)?.times,
        seconds,
        ours: own,
        theirs: other,
        runs: [ours.samples.length, peer.samples.length] as const,
      };
    }),
  );
}

/** Returns whether a comparison misses one of its goals. */
export function missesAim({ ratio, aim, seconds, ours }: Comparison): boolean {
  const isSlow = seconds !== undefined && ours.seconds > seconds;
  return isSlow || (aim !== undefined && ratio < aim) || ours.peakBytes > MAX_PEAK_BYTES;
}

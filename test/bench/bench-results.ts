import type { Results, RowResult, Sample } from "../../bench/model.ts";

const MIB = 1024 * 1024;

/** A run that took so long. */
export function sample(seconds: number, overrides: Partial<Sample> = {}): Sample {
  const bytes = { peakBytes: 100 * MIB, readBytes: 5 * MIB, writtenBytes: 2048 * MIB };
  return { seconds, cpuSeconds: seconds / 2, ...bytes, ...overrides };
}

/** A row in which we take 2 s, and the peer 9 s. */
export function rowResult(overrides: Partial<RowResult> = {}): RowResult {
  return {
    name: "build",
    title: "tarball to RPM",
    aims: [],
    ours: { name: "ours", samples: [sample(2), sample(1), sample(3)] },
    peers: [{ name: "peer <1>", samples: [sample(9)] }],
    ...overrides,
  };
}

/** The result of a run. */
export function results(rows: readonly RowResult[]): Results {
  const machine = { processor: "CPU", cores: 2, memoryGib: 24, system: "Debian", node: "20.1.0" };
  return { date: "2026-01-02", machine, scale: 1, leftOut: ["nfpm"], rows };
}

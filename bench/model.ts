import type { RunOptions } from "../src/lib/exec.ts";
import type { Shop } from "./inputs/shop.ts";

/** What one run of a command took, its children included. */
export interface Sample {
  readonly seconds: number;
  /** Seconds of processor time, of programs and kernel. */
  readonly cpuSeconds: number;
  /** Largest memory of one process. */
  readonly peakBytes: number;
  /** Bytes of all read and write calls, from the disk or from memory. */
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** A command to measure. */
export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Exit statuses besides 0 that are no failure. */
  readonly acceptExitCodes?: readonly number[];
  /** How the command is run. Default: on this machine. */
  readonly run?: (argv: readonly string[], options: RunOptions) => Promise<{ stdout: string }>;
  /** Path of measure-command.py for {@link Command.run}. */
  readonly measure?: string;
}

/** One way to do what a row measures. */
export interface Contender {
  readonly name: string;
  /** Number of runs, if it differs from the row's. */
  readonly rounds?: number;
  /** Prepares a run, which counted from 0 is this one; not measured. */
  readonly prepare?: (round: number) => Promise<void>;
  readonly command: (round: number) => Command;
  /** Removes what a run made; not measured. */
  readonly finish?: (round: number) => Promise<void>;
}

/** Goal of a row: how many times as long the peer takes. */
export interface Aim {
  readonly peer: string;
  readonly times: number;
}

/** What a row compares, once its inputs exist. */
export interface OpenRow {
  readonly ours: Contender;
  readonly peers: readonly Contender[];
}

/** A row of the table. */
export interface Row {
  readonly name: string;
  readonly chapter: string;
  /** What is done, with the sizes that matter. */
  readonly title: string;
  readonly rounds: number;
  readonly aims: readonly Aim[];
  /** Goal for our own time on an idle machine. */
  readonly seconds?: number;
  /** Programs that it needs. */
  readonly programs: readonly string[];
  /** Disk space that its inputs and results take at most, in MiB. */
  readonly spaceMib: number;
  readonly open: (shop: Shop) => Promise<OpenRow>;
}

/** The runs of one contender. */
export interface ContenderResult {
  readonly name: string;
  readonly samples: readonly Sample[];
}

/** What was measured in one row. */
export interface RowResult {
  readonly name: string;
  readonly title: string;
  readonly aims: readonly Aim[];
  readonly seconds?: number;
  readonly ours: ContenderResult;
  readonly peers: readonly ContenderResult[];
}

/** Where the figures come from. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
  readonly node: string;
}

/** All that a run measured. */
export interface Results {
  readonly date: string;
  readonly machine: Machine;
  /** Share of the usual sizes, 1 for a run whose figures count. */
  readonly scale: number;
  /** Peers that were left out, with the reason. */
  readonly leftOut: readonly string[];
  readonly rows: readonly RowResult[];
}

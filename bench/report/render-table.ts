import type { Machine, Results } from "../model.ts";
import { type Comparison, compare, missesAim } from "./compare.ts";
import { formatBytes, formatRatio, formatSeconds } from "./format-figures.ts";

const HEAD = [
  "ratio",
  "aim",
  "what",
  "peer",
  "time",
  "CPU time",
  "memory",
  "read",
  "written",
  "runs",
];

function aimCell(one: Comparison): string {
  const { aim, seconds } = one;
  const parts = [
    ...(aim === undefined ? [] : [formatRatio(aim)]),
    ...(seconds === undefined ? [] : [formatSeconds(seconds)]),
    ...(missesAim(one) ? ["missed"] : []),
  ];
  return parts.join(", ");
}

function cells(one: Comparison): readonly string[] {
  const { ours, theirs, runs } = one;
  const pair = (of: (sample: typeof ours) => string): string => `${of(ours)} : ${of(theirs)}`;
  return [
    `**${formatRatio(one.ratio)}**`,
    aimCell(one),
    `${one.title}: ${one.contender}`,
    one.peer,
    pair(({ seconds }) => formatSeconds(seconds)),
    pair(({ cpuSeconds }) => formatSeconds(cpuSeconds)),
    pair(({ peakBytes }) => formatBytes(peakBytes)),
    pair(({ readBytes }) => formatBytes(readBytes)),
    pair(({ writtenBytes }) => formatBytes(writtenBytes)),
    runs.join(" : "),
  ];
}

/** Returns a table in Markdown. */
function markdown(rows: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const [head = [], ...rest] = rows;
  return [line(head), line(head.map(() => "---")), ...rest.map(line)].join("\n");
}

/** Returns a sentence about the machine. */
export function describeMachine({ processor, cores, memoryGib, system, node }: Machine): string {
  return `${processor}, ${cores} cores, ${memoryGib} GiB of memory, ${system}, Node ${node}`;
}

/** Returns the whole table, with the machine and what was left out. */
export function renderTable(results: Results): string {
  const notes = [
    `Measured on ${results.date}: ${describeMachine(results.machine)}.`,
    ...(results.scale === 1 ? [] : [`Sizes are ${results.scale} of the usual ones.`]),
    ...results.leftOut.map((one) => `Left out: ${one}.`),
  ];
  return `${markdown([HEAD, ...compare(results.rows).map(cells)])}\n\n${notes.join("\n")}\n`;
}

/** Returns what the README quotes: the picture, and the ratios and times. */
export function renderSummary(results: Results): string {
  const rows = compare(results.rows).map((one) => [
    `**${formatRatio(one.ratio)}**`,
    one.title,
    `${one.contender}: ${formatSeconds(one.ours.seconds)}`,
    `${one.peer}: ${formatSeconds(one.theirs.seconds)}`,
  ]);
  const picture = "![How many times as long other tools take](bench/results.svg)";
  const from = `Medians on ${describeMachine(results.machine)}. [bench/results.md](bench/results.md) has processor time, memory and bytes too.`;
  const table = markdown([["ratio", "what", "virt-appliance", "peer"], ...rows]);
  return `${picture}\n\n${table}\n\n${from}\n`;
}

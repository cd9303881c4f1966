import { commandTable } from "../../src/recipe/kickstart/command-table.ts";
import type { CommandRow } from "../../src/recipe/kickstart/command-row.ts";
import type { Release } from "../../src/recipe/kickstart/model.ts";
import { type OptionRow, reached } from "../../src/recipe/kickstart/value-type.ts";

const values: Readonly<Record<string, string>> = {
  "--device": "eth0",
  "--fstype": "ext4",
  "--level": "1",
  "--url": "http://tree.example.com/",
};

function given(name: string, { type }: OptionRow): string {
  if (type.kind === "flag") return name;
  if (type.kind === "choice") return `${name}=${type.values[0]}`;
  const value = { integer: "7", boolean: "yes", text: "abc", list: "abc" }[type.kind];
  return `${name}=${values[name] ?? value}`;
}

/** Good and bad uses of one option. */
function uses(name: string, row: OptionRow): readonly string[] {
  const good = given(name, row);
  return row.type.kind === "flag"
    ? [good, `${name}=1`]
    : [good, name, `${name}=`, `${name}=-x`, `${name} -x`];
}

function linesOf(row: CommandRow, release: Release): readonly string[] {
  if (row.usableBy === "neither" && row.free === true) return [`${row.name} x\n`];
  const required = Object.entries(row.options)
    .filter(([, option]) => reached(option.required, release))
    .map((option) => given(...option));
  const words = ["/x", "pv.1", "sda1"];
  const line = (...parts: readonly string[]): string => `${[row.name, ...parts].join(" ")}\n`;
  const least = words.slice(0, Math.max(row.words.least, row.needs?.[0]?.words ?? 0));
  const needed = (row.needs ?? []).flatMap(({ options: [first = ""], words: count }) => {
    const option = row.options[first];
    return option === undefined || count !== undefined ? [] : [given(first, option)];
  });
  return [
    ...[0, 1, 2, 3].map((count) => line(...words.slice(0, count), ...required)),
    ...Object.entries(row.options).flatMap((option) =>
      uses(...option).flatMap((use) => [
        line(...least, ...required, use),
        line(...least, ...required, ...needed, use),
      ]),
    ),
  ];
}

/** Returns each command with each number of words and each of its options, well and badly used, one line each. */
export function everyLine(release: Release): readonly string[] {
  return commandTable.flatMap((row) => linesOf(row, release));
}

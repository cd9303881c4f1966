import { readTail } from "../../lib/plain-file.ts";
import { consoleLogFile } from "../paths.ts";
import type { HostPaths } from "../paths.ts";

/** What terminals take for commands: \p{Cc} stands for the escape character. */
const CONTROL = /[^\P{Cc}\r\n\t](?:\[[0-9;?]*[A-Za-z]|[()][0-9A-Za-z]|[=>78])/gu;

/** As much as is read of the end of a log. */
const TAIL_BYTES = 64 * 1024;

async function tailOf(file: string): Promise<string | undefined> {
  return (await readTail(file, TAIL_BYTES))?.toString("utf8");
}

/**
 * Returns the end of what a VM said on its console, undefined when nothing was written down. The log daemon may just
 * have begun a new file.
 */
export async function readConsoleTail(paths: HostPaths, vm: string): Promise<string | undefined> {
  const file = consoleLogFile(paths, vm);
  const current = await tailOf(file);
  const older =
    current !== undefined && current.length >= TAIL_BYTES / 2 ? "" : await tailOf(`${file}.0`);
  return current === undefined && older === undefined
    ? undefined
    : `${older ?? ""}${current ?? ""}`;
}

/** Returns the last lines of a console that say something, without what moves cursors and colours text. */
export function lastLines(text: string, count: number): readonly string[] {
  return text
    .replaceAll(CONTROL, "")
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll(/[^\P{C}\t]/gu, "").trim())
    .filter((line) => line !== "")
    .slice(-count);
}

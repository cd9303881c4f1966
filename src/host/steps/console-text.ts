import { readTail } from "../../lib/plain-file.ts";
import { consoleLogFile, type HostPaths } from "../access/paths.ts";

/** Control sequences of terminals; \p{Cc} matches the escape character. */
const CONTROL = /[^\P{Cc}\r\n\t](?:\[[0-9;?]*[A-Za-z]|[()][0-9A-Za-z]|[=>78])/gu;

/** Number of bytes that are read from the end of a log. */
const TAIL_BYTES = 64 * 1024;

async function tailOf(file: string): Promise<string | undefined> {
  return (await readTail(file, TAIL_BYTES))?.toString("utf8");
}

/**
 * Returns the end of a VM's console log; undefined if there is none. The log daemon may just have started a new file.
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

/** Returns the last non-empty lines of a console, without control sequences. */
export function lastLines(text: string, count: number): readonly string[] {
  return text
    .replaceAll(CONTROL, "")
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll(/[^\P{C}\t]/gu, "").trim())
    .filter((line) => line !== "")
    .slice(-count);
}

import { availableParallelism, cpus, totalmem } from "node:os";
import { readFile } from "node:fs/promises";
import type { Machine } from "../model.ts";

/** Returns what is known about this machine, without its name. */
export async function readMachine(): Promise<Machine> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? "Linux";
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown processor",
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 1024 ** 3),
    system,
    node: process.versions.node,
  };
}

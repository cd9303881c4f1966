import { statfs } from "node:fs/promises";
import os from "node:os";
import { findProgram, missingPrograms } from "./inputs/find-program.ts";
import type { Row } from "./model.ts";

const MIB = 1024 * 1024;
/** What every row runs. */
const ALWAYS = ["python3", "sync", "tar"];

async function checkSpace(rows: readonly Row[], scale: number): Promise<readonly string[]> {
  const folder = os.tmpdir();
  const wanted = Math.ceil(Math.max(...rows.map(({ spaceMib }) => spaceMib)) * scale) + 1024;
  const { bavail, bsize } = await statfs(folder);
  const found = Math.floor((bavail * bsize) / MIB);
  if (found >= wanted) return [];
  return [
    `${folder}: ${found} MiB free, expected ${wanted}; set TMPDIR to a folder with more space`,
  ];
}

/**
 * Checks that programs and space for the rows are there.
 *
 * @throws Error with all that is missing
 */
export async function checkMachine(rows: readonly Row[], scale: number): Promise<void> {
  const programs = [...ALWAYS, ...rows.flatMap((row) => row.programs)];
  const problems = [...(await missingPrograms(programs)), ...(await checkSpace(rows, scale))];
  if (process.getuid?.() !== 0)
    problems.push("not root; debootstrap and the simulated host need it");
  if (problems.length > 0)
    throw new Error(`this machine lacks what the rows need:\n${problems.join("\n")}`);
}

/** Returns a sentence for each peer that is not measured here. */
export async function leftOutPeers(): Promise<readonly string[]> {
  if ((await findProgram("nfpm")) !== undefined) return [];
  return ["nfpm, which is not installed (it is no package of Debian)"];
}

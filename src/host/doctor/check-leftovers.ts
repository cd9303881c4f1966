import { readdir } from "node:fs/promises";
import path from "node:path";
import { isLeftover } from "../../lib/atomic.ts";
import type { LocalHost } from "../access/local-host.ts";
import type { Finding } from "./finding.ts";

/** Finds files that were being written when the process that wrote them was killed. */
export async function checkLeftovers({ paths }: LocalHost): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const folder of [paths.stateDir, paths.catalogueDir, paths.osinfoDir]) {
    const names = await readdir(folder, { recursive: true }).catch((): string[] => []);
    for (const name of names.filter((each) => isLeftover(path.basename(each))).sort()) {
      findings.push({
        severity: "warning",
        code: "leftover",
        subject: path.join(folder, name),
        what: "is incomplete, and the process that wrote it has ended",
        todo: "doctor --fix removes it",
        repair: "remove-leftover",
      });
    }
  }
  return findings;
}

import path from "node:path";
import { testContext } from "./context.ts";

/** Most files that one process is asked about. */
const BATCH = 500;

/**
 * Asks the real rpm which packages it accepts: their digests and signatures by `rpmkeys --checksig`, and then that it can
 * read them, as it does to install them.
 *
 * @param files  in one folder, with different names that end in `.rpm`
 * @returns the files that it accepts
 */
export async function acceptedByRpm(
  database: string,
  files: readonly string[],
): Promise<Set<string>> {
  const { run } = testContext();
  const accepted = new Set<string>();
  for (let at = 0; at < files.length; at += BATCH) {
    const batch = files.slice(at, at + BATCH);
    const folder = path.dirname(batch[0] ?? "");
    const names = batch.map((file) => path.basename(file));
    const options = {
      acceptExitCodes: Array.from({ length: 256 }, (_, code) => code),
      cwd: folder,
    };
    // The number of bad packages is the exit status, so that only the text tells anything. No line end follows what it
    // cannot read.
    const checked = await run("rpmkeys", ["--dbpath", database, "--checksig", ...names], options);
    const verified = names.filter((name) =>
      new RegExp(`(^|:)${name}:[a-z ]* OK$`, "m").test(checked.stdout),
    );
    if (verified.length === 0) continue;
    const read = await run("rpm", ["--dbpath", database, "-qp", "--qf", "", ...verified], options);
    const unread = read.stderr
      .split("\n")
      .filter((line) => line.startsWith("error:"))
      .join("\n");
    for (const name of verified) {
      if (!unread.includes(`${name}:`)) accepted.add(path.join(folder, name));
    }
  }
  return accepted;
}

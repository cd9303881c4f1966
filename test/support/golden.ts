import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const golden = fileURLToPath(new URL("../golden/", import.meta.url));

/** Compares text with test/golden/NAME; with UPDATE_GOLDEN=1 the file is written instead, to be reviewed as a diff. */
export async function assertGolden(name: string, actual: string): Promise<void> {
  const file = path.join(golden, name);
  if (process.env["UPDATE_GOLDEN"] === "1") {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, actual);
    return;
  }
  assert.equal(
    actual,
    await readFile(file, "utf8"),
    `${name}: run \`make golden\` and review the diff`,
  );
}

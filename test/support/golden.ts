import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";

const ROOT = path.join(import.meta.dirname, "../..");

/** Compares text with test/golden/NAME; with UPDATE_GOLDEN=1 the file is written instead, to be reviewed as a diff. */
export async function assertGolden(name: string, actual: string): Promise<void> {
  await assertPage(path.join("test/golden", name), actual);
}

/** Compares text with a page of the project that is rendered, as {@link assertGolden} does. */
export async function assertPage(name: string, actual: string): Promise<void> {
  const file = path.join(ROOT, name);
  if (process.env["UPDATE_GOLDEN"] === "1") {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, actual);
    return;
  }
  const expected = await readFile(file, "utf8");
  assert.equal(actual, expected, `${name}: run \`make golden\` and review the diff`);
}

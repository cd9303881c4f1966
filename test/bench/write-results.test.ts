import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { writeResults } from "../../bench/write-results.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { results, rowResult } from "./bench-results.ts";

describe("the results of the bench", () => {
  const folder = temporaryFolder();

  it("are written to bench/ and the README, again and again", async () => {
    const readme = path.join(folder, "README.md");
    await mkdir(path.join(folder, "bench"));
    await writeFile(readme, "# A\n\n<!-- bench -->\n\n<!-- /bench -->\n\n## B\n");
    const all = results([rowResult()]);
    await writeResults(all, folder);
    const first = await readFile(readme, "utf8");
    await writeResults(all, folder);
    assert.equal(await readFile(readme, "utf8"), first);
    assert.match(first, /^# A\n[^]*\(bench\/results\.svg\)[^]*\*\*4\.50x\*\*[^]*\n## B\n$/);
    const data = await readFile(path.join(folder, "bench/results.json"), "utf8");
    assert.deepEqual(JSON.parse(data), all);
    assert.match(await readFile(path.join(folder, "bench/results.md"), "utf8"), /4\.50x/);
    assert.match(await readFile(path.join(folder, "bench/results.svg"), "utf8"), /^<svg /);
  });
});

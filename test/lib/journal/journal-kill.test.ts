import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { openEffects } from "../../../src/lib/journal/effects.ts";
import { openJournal } from "../../../src/lib/journal/journal.ts";
import { bundledChild } from "../../support/bundled-child.ts";
import { testContext } from "../../support/context.ts";
import { putSteps } from "../../support/put-steps.ts";
import { openFolder } from "../../support/temporary.ts";

const child = fileURLToPath(new URL("../../support/journal-child.ts", import.meta.url));

describe("journal of a process that was killed", () => {
  it("leads to all or nothing, and leaves no temporary file", async () => {
    const context = testContext();
    const outcomes = new Set<string>();
    for (let index = 0; ; index += 1) {
      await using temporary = await openFolder();
      const folder = temporary.path;
      const args = [await bundledChild(child), folder, String(index)];
      const killed = await context.run(process.execPath, args).then(
        () => false,
        () => true,
      );
      const effects = openEffects(context.run);
      const options = { folder: path.join(folder, "journal"), effects, now: context.now };
      const journal = openJournal(options);
      for (const record of await journal.pending())
        await journal.recover(record, putSteps, { effects });
      assert.deepEqual(await readdir(options.folder).catch(() => []), []);
      const found = (await readdir(folder)).filter((name) => name !== "journal").sort();
      assert.ok([0, 3].includes(found.length), `${index}: ${found.join(" ")}`);
      outcomes.add(String(found.length));
      if (!killed) break;
    }
    assert.deepEqual([...outcomes].sort(), ["0", "3"]);
  });
});

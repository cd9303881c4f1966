import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { openEffects } from "../../../src/lib/journal/effects.ts";
import { testContext } from "../../support/context.ts";
import { temporaryFolder } from "../../support/temporary.ts";

describe("effects", () => {
  const folder = temporaryFolder({ per: "test" });
  const at = (name: string): string => path.join(folder, name);

  it("link a file once more without complaint, and never over another one", async () => {
    const effects = openEffects(testContext().run);
    await writeFile(at("one"), "one");
    await writeFile(at("other"), "other");
    await effects.link(at("one"), at("link"));
    await effects.link(at("one"), at("link"));
    await assert.rejects(effects.link(at("other"), at("link")), { code: "LIB_IO" });
    assert.equal(await readFile(at("link"), "utf8"), "one");
  });

  it("tell of each change before it begins and after it has happened", async () => {
    const told: string[] = [];
    const hook = {
      before: (label: string): void => void told.push(`before ${label}`),
      after: (label: string): void => void told.push(`after ${label}`),
    };
    await openEffects(testContext().run, hook).writeFile(at("one"), "one");
    assert.deepEqual(told, [`before write ${at("one")}`, `after write ${at("one")}`]);
  });
});

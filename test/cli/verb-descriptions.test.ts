import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { describeVerb } from "../../src/cli/describe-verb.ts";
import { renderVerb } from "../../src/cli/manual/render-verb.ts";
import { descriptions } from "../../src/cli/verb-descriptions.ts";
import { verbs } from "../../src/cli/verbs.ts";

describe("what a verb does", () => {
  it("is said of every verb that there is, and of no other", async () => {
    const modules = await readdir(new URL("../../src/cli/verbs/", import.meta.url));
    const names = modules.filter((name) => name.endsWith(".ts")).map((name) => name.slice(0, -3));
    assert.deepEqual(verbs.map(({ name }) => name).sort(), names.sort());
    assert.deepEqual(Object.keys(descriptions).sort(), names.sort());
  });

  for (const { name, describe: inOverview, load } of verbs) {
    it(`is the same in overview, help and manual: ${name}`, async () => {
      const described = describeVerb((await load()).verb);
      assert.equal(described.name, name);
      assert.equal(described.describe, inOverview);
      if (described.verbs.length > 0) return;
      const manual = renderVerb(described)
        .replaceAll("\\-", "-")
        .replaceAll(/\\\(aq/g, "'");
      const plain = manual.toLowerCase().replaceAll(/\s+/g, " ");
      assert.ok(plain.includes(inOverview.toLowerCase()), manual.slice(0, 400));
    });
  }
});

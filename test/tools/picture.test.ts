import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { drawChain } from "../../tools/picture/draw-chain.ts";

const root = path.join(import.meta.dirname, "../..");

describe("the picture of the chain", () => {
  it("is as tools/picture draws it", async () => {
    assert.equal(await readFile(path.join(root, "docs/chain.svg"), "utf8"), drawChain());
  });
});

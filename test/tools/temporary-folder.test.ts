import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { namesIn, temporaryFolder } from "../support/temporary.ts";

const shared: string[] = [];

describe("a temporary folder of a describe", () => {
  const folder = temporaryFolder();
  shared.push(folder);
  before(() => writeFile(path.join(folder, "first"), ""));
  afterEach(() => assert.ok(existsSync(folder)));
  after(() => assert.ok(existsSync(folder)));

  for (const round of ["first", "second"])
    it(`keeps what was written into it: ${round} test`, async () => {
      assert.deepEqual(await namesIn(folder), ["first"]);
    });
});

describe("a temporary folder of each test", () => {
  const folder = temporaryFolder({ per: "test" });
  shared.push(folder);
  beforeEach(async () => {
    assert.deepEqual(await namesIn(folder), []);
    await writeFile(path.join(folder, "file"), "");
  });
  afterEach(() => assert.ok(existsSync(folder)));

  for (const round of ["first", "second"])
    it(`is empty before its hooks: ${round} test`, async () => {
      assert.deepEqual(await namesIn(folder), ["file"]);
    });
});

describe("temporary folders", () => {
  it("are removed after the last hook of their describe", () => {
    assert.deepEqual(
      shared.filter((folder) => existsSync(folder)),
      [],
    );
  });
});

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { renderRepoFile } from "../../src/repodata/index.ts";
import { assertGolden } from "../support/golden.ts";

const template = new URL("../../repo/repository.repo.tmpl", import.meta.url);
const values = { name: "web", title: "Web appliances", baseUrl: "https://example.com/web" };

describe("renderRepoFile", () => {
  it("asks for all checks when there is a key", async () => {
    const text = renderRepoFile(await readFile(template, "utf8"), { ...values, signed: true });
    await assertGolden("repodata/signed.repo", text);
  });

  it("names no key when there is none", async () => {
    const text = renderRepoFile(await readFile(template, "utf8"), { ...values, signed: false });
    await assertGolden("repodata/unsigned.repo", text);
  });

  it("finds a place in the template that nobody fills", () => {
    assert.throws(() => renderRepoFile("@OTHER@", { ...values, signed: true }), TypeError);
  });
});

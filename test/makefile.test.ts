import assert from "node:assert/strict";
import path from "node:path";
import { testContext } from "./support/context.ts";

const root = path.join(import.meta.dirname, "..");

describe("the Makefile", () => {
  it("installs npm packages without writing package-lock.json", async () => {
    const { run } = testContext();
    // -W: as in a fresh clone, the packages are still to be installed.
    const args = ["--no-print-directory", "--dry-run", "-W", "package.json", "deps"];
    const { stdout } = await run("make", args, { cwd: root });
    assert.match(stdout, /^npm install --no-save /m);
  });
});

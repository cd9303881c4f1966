import assert from "node:assert/strict";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { refuseExisting, refuseOther } from "../../src/cli/refuse-existing.ts";
import { withFolder } from "../support/temporary.ts";

const { signal } = new AbortController();
const exists = { code: "CLI_FILE_EXISTS" };

describe("a file in the place of a result", () => {
  it(
    "is replaced when it holds the same bytes, and refused when it holds as many others",
    withFolder(async (folder) => {
      const [place, made] = [path.join(folder, "place"), path.join(folder, "made")];
      await writeFile(made, "one");
      await refuseOther(place, made, signal);
      for (const [content, isSame] of [
        ["one", true],
        ["two", false],
        ["on", false],
        ["", false],
      ] as const) {
        await writeFile(place, content);
        const checks = [() => refuseOther(place, made, signal), () => refuseExisting(place, "one")];
        for (const check of checks) {
          if (isSame) await check();
          else await assert.rejects(check(), exists, content);
        }
        assert.equal(await readFile(place, "utf8"), content);
      }
      await writeFile(place, "one");
      await assert.rejects(refuseExisting(place), exists);
    }),
  );

  it(
    "is a link, too: to the same bytes, to others, and to nothing",
    withFolder(async (folder) => {
      const made = path.join(folder, "made");
      await writeFile(made, "one");
      await writeFile(path.join(folder, "other"), "two");
      for (const [target, isSame] of [
        ["made", true],
        ["other", false],
        ["nowhere", false],
      ] as const) {
        const place = path.join(folder, `to-${target}`);
        await symlink(target, place);
        if (isSame) await refuseOther(place, made, signal);
        else await assert.rejects(refuseOther(place, made, signal), exists, target);
      }
    }),
  );

  it(
    "may be a folder, which writing the result refuses",
    withFolder(async (folder) => {
      const [place, made] = [path.join(folder, "place"), path.join(folder, "made")];
      await mkdir(place);
      await writeFile(made, "one");
      await refuseOther(place, made, signal);
    }),
  );
});

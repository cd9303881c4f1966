import assert from "node:assert/strict";
import { chmod, cp, writeFile } from "node:fs/promises";
import path from "node:path";
import { type PackagePlan, planPuppetPackage, planRecipePackage } from "../../src/package/index.ts";
import { openRecipe } from "../../src/source/index.ts";
import { testContext } from "../support/context.ts";
import { withFolder } from "../support/temporary.ts";

const example = path.join(import.meta.dirname, "../../examples/recipes/web");

describe("entries of a recipe's packages", () => {
  it(
    "files are executable as in the recipe, and writable only by root",
    withFolder(async (folder) => {
      await cp(example, folder, { recursive: true });
      const script = path.join(folder, "puppet/web/files/check.sh");
      await cp(
        path.join(folder, "puppet/web/metadata.json"),
        path.join(folder, "puppet/web/files/plain"),
      );
      await writeFile(script, "#!/bin/sh\n");
      await chmod(script, 0o775);
      await chmod(path.join(folder, "puppet/web/files/plain"), 0o666);
      const { recipe } = await openRecipe(folder, testContext());
      const input = { recipe, options: { buildTimeSeconds: 1_700_000_000 } };
      const plans: readonly PackagePlan[] = [planRecipePackage(input), planPuppetPackage(input)];
      for (const { name, entries } of plans) {
        const modeOf = (end: string): number | undefined => {
          const entry = entries.find((each) => each.path.endsWith(end));
          return entry !== undefined && "mode" in entry ? entry.mode : undefined;
        };
        assert.equal(modeOf("/files/check.sh"), 0o755, name);
        assert.equal(modeOf("/files/plain"), 0o644, name);
        for (const entry of entries) {
          assert.deepEqual([entry.user, entry.group], ["root", "root"], entry.path);
          if (entry.kind === "directory") assert.equal(entry.mode, 0o755, entry.path);
        }
      }
    }),
  );
});

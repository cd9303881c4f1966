import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { findInstalledRecipe } from "../../src/site/index.ts";
import { withFolder } from "../support/temporary.ts";

async function install(folder: string, name: string, version: string): Promise<void> {
  const directory = path.join(folder, `${name}-appliance-recipe-${version}-1`);
  await mkdir(directory);
  const names = { name, package: `${name}-appliance-recipe` };
  const entry = { schema: 1, ...names, version, release: "1", label: name };
  await writeFile(path.join(directory, "recipe.json"), JSON.stringify(entry));
}

describe("findInstalledRecipe", () => {
  it(
    "finds a recipe by each of its names, in the newest version",
    withFolder(async (folder) => {
      for (const version of ["1.9", "1.10", "1.0"]) await install(folder, "web", version);
      await mkdir(path.join(folder, "web-appliance-2.0-1"));
      const names = {
        web: "1.10",
        "web-recipe": "1.10",
        "web-appliance-recipe": "1.10",
        "web-1.9": "1.9",
        "web-recipe-1.0": "1.0",
        "web-appliance-recipe-1.9-1": "1.9",
      };
      for (const [name, version] of Object.entries(names)) {
        assert.equal((await findInstalledRecipe(folder, name)).version, version, name);
      }
    }),
  );

  it(
    "names what is there when the one that is wanted is not",
    withFolder(async (folder) => {
      await install(folder, "web", "1.0");
      for (const name of ["mail", "web-2.0", "../web", ""]) {
        await assert.rejects(findInstalledRecipe(folder, name), (error) => {
          assert.ok(error instanceof ApplianceError);
          assert.deepEqual([error.code, error.details], ["RECIPE_UNKNOWN", ["web-1.0-1"]]);
          return true;
        });
      }
      await assert.rejects(findInstalledRecipe(path.join(folder, "none"), "web"), /web: no such/);
    }),
  );

  it(
    "refuses an entry that no package left like this",
    withFolder(async (folder) => {
      const file = path.join(folder, "web-1-1/recipe.json");
      await mkdir(path.dirname(file));
      for (const text of ["{", "[]", "{}", '{"schema":2}', '{"schema":1,"name":3}']) {
        await writeFile(file, text);
        await assert.rejects(
          findInstalledRecipe(folder, "web"),
          /catalogue entry is corrupt/,
          text,
        );
      }
    }),
  );
});

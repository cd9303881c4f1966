import assert from "node:assert/strict";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { checkSources } from "../../src/pipeline/index.ts";
import { descriptorOf, noise, tar, writeAppliance } from "../fixtures/appliance-folder.ts";
import { testContext } from "../support/context.ts";
import { writeSmallRecipe } from "../fixtures/small-recipe.ts";
import { namesIn, withFolder } from "../support/temporary.ts";

const MIB = 2 ** 20;
const context = testContext();
const options = { outputFolder: "unused", package: { buildTimeSeconds: 1_700_000_000 } };

async function write(folder: string, version = "1.0", name = "web"): Promise<string> {
  const descriptor = descriptorOf([{ file: "root.raw" }], { name, version });
  await writeAppliance(folder, descriptor, { "root.raw": noise(MIB, folder) });
  return folder;
}

describe("sources of one build", () => {
  it(
    "are refused when two give the same package, by the names of both",
    withFolder(async (folder) => {
      const one = await write(path.join(folder, "one"));
      const other = await write(path.join(folder, "other"), "2.0");
      const third = await write(path.join(folder, "third"));
      const archive = path.join(folder, "other.tar.gz");
      await tar("-C", folder, "-czf", archive, "other");
      await assert.rejects(
        checkSources([one, other, third, archive], options, context),
        (error) => {
          assert.ok(error instanceof ApplianceError);
          assert.equal(error.code, "PLAN_SAME_PACKAGE");
          const expected = (version: string, a: string, b: string): string =>
            `web-appliance-${version}-1.x86_64.rpm: would be built from ${a} and ${b}, expected one source`;
          assert.equal(error.message, expected("1.0", one, third));
          assert.deepEqual(error.details, [expected("2.0", other, archive)]);
          return true;
        },
      );
      const forced = { ...options, package: { ...options.package, version: "3" } };
      const code = "PLAN_SAME_PACKAGE";
      await assert.rejects(checkSources([one, other], forced, context), { code });
      await assert.rejects(checkSources([one, one], options, context), { code });
    }),
  );

  it(
    "are taken when their packages differ, recipes among them",
    withFolder(async (folder) => {
      const one = await write(path.join(folder, "one"));
      const other = await write(path.join(folder, "other"), "1.1");
      const named = await write(path.join(folder, "named"), "1.0", "mail");
      const recipe = path.join(folder, "recipe");
      await writeSmallRecipe(recipe);
      await checkSources([one, other, named, recipe], options, context);
      const code = "PLAN_SAME_PACKAGE";
      await assert.rejects(checkSources([recipe, one, recipe], options, context), { code });
      assert.deepEqual(await namesIn(folder), ["named", "one", "other", "recipe"]);
    }),
  );
});

import assert from "node:assert/strict";
import { chmod, cp, mkdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../../src/errors.ts";
import { findRecipe, openRecipe, packRecipe, unpackRecipe } from "../../../src/source/index.ts";
import { testContext } from "../../support/context.ts";
import { namesIn, withFolder } from "../../support/temporary.ts";

const web = path.join(import.meta.dirname, "../../../examples/recipes/web");

/** A copy of the example with a script. */
async function draft(folder: string): Promise<string> {
  const copy = path.join(folder, "draft");
  await cp(web, copy, { recursive: true });
  await mkdir(path.join(copy, "scripts"));
  await writeFile(path.join(copy, "scripts/first-run"), "#!/bin/sh\n");
  await chmod(path.join(copy, "scripts/first-run"), 0o755);
  return copy;
}

async function isExecutable(file: string): Promise<boolean> {
  return ((await stat(file)).mode & 0o111) === 0o111;
}

describe("a recipe in a tarball", () => {
  for (const suffix of ["tar", "tar.gz", "tar.xz", "tar.zst"]) {
    it(
      `is packed as .${suffix}, found, and unpacked as it was`,
      withFolder(async (folder) => {
        const context = testContext({ temporaryFolder: folder });
        const tarball = path.join(folder, `web.${suffix}`);
        const from = await draft(folder);
        await packRecipe(from, tarball, { context });
        const first = await readFile(tarball);
        await packRecipe(from, tarball, { context });
        assert.deepEqual(await readFile(tarball), first);
        {
          await using found = await findRecipe(tarball, context);
          assert.equal(found?.kind, "tarball");
          const { recipe } = await openRecipe(found.folder, context, { name: tarball });
          assert.deepEqual(
            recipe.scripts.map(({ path: name, isExecutable: flag }) => [name, flag]),
            [["scripts/first-run", true]],
          );
          const target = path.join(folder, "unpacked");
          await unpackRecipe(found.folder, target, { context, name: tarball });
          assert.ok(await isExecutable(path.join(target, "scripts/first-run")));
          assert.ok(!(await isExecutable(path.join(target, "web.ks"))));
          for (const name of ["web.ks", "parameters.yaml", "puppet/web/manifests/init.pp"]) {
            const [one, other] = [path.join(target, name), path.join(from, name)];
            assert.equal(await readFile(one, "utf8"), await readFile(other, "utf8"));
          }
        }
        assert.deepEqual(await namesIn(folder), ["draft", "unpacked", `web.${suffix}`]);
      }),
    );
  }

  it(
    "is found when tar packed it, with and without a folder around it",
    withFolder(async (folder) => {
      const context = testContext({ temporaryFolder: folder });
      await context.run("tar", ["-C", web, "-czf", path.join(folder, "flat.tar.gz"), "."]);
      await context.run("tar", ["-C", path.dirname(web), "-cJf", `${folder}/deep.tar.xz`, "web"]);
      for (const name of ["flat.tar.gz", "deep.tar.xz"]) {
        await using found = await findRecipe(path.join(folder, name), context);
        assert.equal(found?.kind, "tarball", name);
        await openRecipe(found.folder, context);
      }
    }),
  );

  it(
    "is not taken for one when it is an appliance's, large, or nothing of the kind",
    withFolder(async (folder) => {
      const context = testContext({ temporaryFolder: folder });
      const appliance = path.join(folder, "appliance");
      await cp(path.join(web, "appliance.xml"), path.join(appliance, "appliance.xml"));
      await writeFile(path.join(appliance, "disk.raw"), "x");
      await context.run("tar", ["-C", folder, "-czf", `${folder}/a.tar.gz`, "appliance"]);
      const large = path.join(folder, "large");
      await cp(web, large, { recursive: true });
      await writeFile(path.join(large, "blob"), "");
      await truncate(path.join(large, "blob"), 300 * 1024 * 1024);
      await context.run("tar", ["-C", folder, "-czf", `${folder}/l.tar.gz`, "large"]);
      await writeFile(path.join(folder, "text"), "<image/>");
      await writeFile(path.join(folder, "zip"), Buffer.from("504b0304", "hex"));
      for (const name of ["a.tar.gz", "l.tar.gz", "text", "zip", "appliance", "nothing"]) {
        assert.equal(await findRecipe(path.join(folder, name), context), undefined, name);
      }
    }),
  );

  it(
    "leaves nothing behind when it is refused",
    withFolder(async (folder) => {
      const context = testContext({ temporaryFolder: folder });
      const broken = await draft(folder);
      await writeFile(path.join(broken, "web.ks"), "part / --size=big\n%packages\n");
      const tarball = path.join(folder, "b.tar.gz");
      await context.run("tar", ["-C", broken, "-czf", tarball, "."]);
      {
        await using found = await findRecipe(tarball, context);
        assert.ok(found);
        const target = path.join(folder, "unpacked");
        await assert.rejects(unpackRecipe(found.folder, target, { context, name: "b.tar.gz" }), {
          code: "RECIPE_INVALID",
          message: /^b\.tar\.gz: \d+ problems/,
        });
      }
      await assert.rejects(
        packRecipe(broken, path.join(folder, "c.tar.gz"), { context }),
        ApplianceError,
      );
      assert.deepEqual(await namesIn(folder), ["b.tar.gz", "draft"]);
    }),
  );

  it(
    "with a path that leads out of it is refused",
    withFolder(async (folder) => {
      const context = testContext({ temporaryFolder: folder });
      const tarball = path.join(folder, "evil.tar");
      await context.run("tar", [
        "-C",
        web,
        "-cf",
        tarball,
        "--transform=s,^parameters.yaml$,../../parameters.yaml,",
        "appliance.xml",
        "web.ks",
        "puppet",
        "parameters.yaml",
      ]);
      await assert.rejects(findRecipe(tarball, context), { code: "LIB_UNSAFE_PATH" });
      assert.deepEqual(await namesIn(folder), ["evil.tar"]);
    }),
  );
});

import assert from "node:assert/strict";
import { mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Appliance, renderDescriptor } from "../../src/appliance/index.ts";
import { parseChangelog } from "../../src/lib/parse-changelog.ts";
import {
  buildAppliance,
  buildHostPackage,
  type BuildOptions,
  planRecipe,
} from "../../src/pipeline/index.ts";
import { testContext } from "../support/context.ts";
import { sampleAppliance } from "../fixtures/sample-appliance.ts";
import { writeSmallRecipe } from "../fixtures/small-recipe.ts";
import { temporaryFolder } from "../support/temporary.ts";

const context = testContext();
const TEXT =
  "* Sat Jan 31 2026 Jane <j@example.com> - 1.2-3\n- Second\n\n* Mon Jan 05 2026 Bob\n- First";
const [root] = sampleAppliance.disks;
assert.ok(root !== undefined);
const appliance: Appliance = {
  ...sampleAppliance,
  url: "https://example.com/web",
  packager: "Jane <j@example.com>",
  changelog: TEXT,
  disks: [{ ...root, sizeBytes: 1024 * 1024 }],
};

describe("who made a package, and what changed", () => {
  const folder = temporaryFolder();
  before(async () => {
    const source = path.join(folder, "web");
    await mkdir(source);
    await writeFile(path.join(source, "appliance.xml"), renderDescriptor(appliance));
    await writeFile(path.join(source, "root.raw"), "");
    await truncate(path.join(source, "root.raw"), 1024 * 1024);
  });

  const optionsFor = (name: string, more: Partial<BuildOptions["package"]> = {}): BuildOptions => ({
    outputFolder: path.join(folder, name),
    package: { buildTimeSeconds: 1_700_000_000, ...more },
    images: { keepRaw: false, compression: "zstd" },
  });

  async function query(file: string): Promise<readonly string[]> {
    const format =
      "%{URL}\\n%{PACKAGER}\\n[%{CHANGELOGTIME} %{CHANGELOGNAME}: %{CHANGELOGTEXT}\\n]";
    const { stdout } = await context.run("rpm", ["-qp", "--nosignature", "--qf", format, file]);
    return stdout.trimEnd().split("\n");
  }

  it("stand in the package as in the descriptor, the same each time", async () => {
    const made = await Promise.all(
      ["a", "b"].map((name) => buildAppliance(path.join(folder, "web"), optionsFor(name), context)),
    );
    const [first, second] = made.map(({ path: file }) => file);
    assert.ok(first !== undefined && second !== undefined);
    assert.deepEqual(await query(first), [
      "https://example.com/web",
      "Jane <j@example.com>",
      `${Date.UTC(2026, 0, 31, 12) / 1000} Jane <j@example.com> - 1.2-3: - Second`,
      `${Date.UTC(2026, 0, 5, 12) / 1000} Bob: - First`,
    ]);
    assert.ok((await readFile(first)).equals(await readFile(second)));
    const { stdout } = await context.run("rpm", ["-qp", "--nosignature", "--changelog", first]);
    assert.match(
      stdout,
      /^\* Sat Jan 31 2026 Jane <j@example.com> - 1.2-3\n- Second\n\n\* Mon Jan 05/,
    );
  });

  it("packager and changelog of the builder take precedence", async () => {
    const identity = {
      url: "https://example.com/other",
      packager: "Bob",
      changelog: parseChangelog("* Mon Jan 05 2026 Bob\n- Other").entries,
    };
    const source = path.join(folder, "web");
    const { path: image } = await buildAppliance(source, optionsFor("c", identity), context);
    const { path: host } = await buildHostPackage(
      {
        outputFolder: path.join(folder, "host"),
        version: "1.0",
        release: "1",
        dateSeconds: 1_700_000_000,
        identity,
      },
      context,
    );
    for (const file of [image, host]) {
      assert.deepEqual(await query(file), [
        "https://example.com/other",
        "Bob",
        `${Date.UTC(2026, 0, 5, 12) / 1000} Bob: - Other`,
      ]);
    }
  });

  it("stand in both packages of a recipe", async () => {
    const recipe = path.join(folder, "recipe");
    await writeSmallRecipe(recipe);
    const descriptor = path.join(recipe, "appliance.xml");
    const text = await readFile(descriptor, "utf8");
    const said = TEXT.replaceAll("<", "&lt;");
    const more = `<va:packager>Jane</va:packager><va:changelog>${said}</va:changelog>`;
    await writeFile(descriptor, text.replace("<domain>", `${more}<domain>`));
    const { plans } = await planRecipe(recipe, optionsFor("d"), context);
    assert.equal(plans.length, 2);
    for (const plan of plans) {
      assert.equal(plan.packager, "Jane");
      assert.deepEqual(
        plan.changelog.map(({ text: what }) => what),
        ["- Second", "- First"],
      );
    }
  });
});

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { buildRecipe } from "../../src/pipeline/index.ts";
import {
  type ComposedRecipe,
  composeRecipe,
  layerOfArguments,
  parseKickstart,
} from "../../src/recipe/index.ts";
import { openRecipe } from "../../src/source/index.ts";
import { testContext } from "../support/context.ts";
import { assertGolden } from "../support/golden.ts";
import { KRONOLITH, kronolithPackages } from "../fixtures/kronolith-recipe.ts";
import { withFolder } from "../support/temporary.ts";

const context = testContext();
const SITE = `lang en_US.UTF-8
keyboard us
timezone Europe/Berlin --utc
network --bootproto=dhcp --device=link
rootpw --lock
`;

async function compose(...values: readonly string[]): Promise<ComposedRecipe> {
  const { recipe } = await openRecipe(KRONOLITH, context, { runsPuppet: false });
  const site = parseKickstart(SITE, "site.ks").kickstart;
  const layers = [layerOfArguments(values, "--set").layer];
  return composeRecipe(recipe, { site, siteRecipe: undefined, layers, stock: new Map() });
}

describe("the recipe of the calendar", () => {
  it(
    "becomes two packages without a warning, checked by Puppet",
    withFolder(async (folder) => {
      const options = { outputFolder: folder, package: { buildTimeSeconds: 1_700_000_000 } };
      const built = await buildRecipe(KRONOLITH, options, context);
      assert.deepEqual(
        built.flatMap(({ warnings }) => warnings),
        [],
      );
      assert.deepEqual((await readdir(folder)).sort(), [
        "kronolith-appliance-puppet-1.0-1.noarch.rpm",
        "kronolith-appliance-recipe-1.0-1.noarch.rpm",
      ]);
      const { stdout } = await context.run("rpm", ["-qlp", ...built.map((each) => each.path)]);
      assert.match(stdout, /^\/usr\/share\/puppet\/modules\/kronolith\/files\/first-run\.sh$/m);
    }),
  );

  it("becomes a kickstart with what a site says", async () => {
    const { kickstart, problems } = await compose(
      "mail_hub=mail.example.com",
      "admin_password=correct-horse",
      "mirror=http://install.example.com/debian-12",
    );
    assert.deepEqual(problems, []);
    await assertGolden("recipe/kronolith.ks", kickstart.text);
  });

  it("is not deployed before the mail hub is filled in", async () => {
    const { missing } = await compose("mirror=http://install.example.com/debian-12");
    assert.deepEqual(
      missing.map(({ name }) => name),
      ["mail_hub", "admin_password"],
    );
  });

  it("refuses values that would be code where they go", async () => {
    for (const value of ["x'; system('id'); //", "mail.example.com\n", "<%= 1 %>", "%{facts}"]) {
      const { kickstart, problems } = await compose(
        `mail_hub=${value}`,
        "admin_password=correct-horse",
        "mirror=http://install.example.com/debian-12",
      );
      assert.equal(problems[0]?.code, "parameter-mismatch", value);
      assert.doesNotMatch(kickstart.text, /mail\.example/);
    }
  });

  it("installs what its module wants, so that the first run needs no network", async () => {
    const manifest = await readFile(
      path.join(KRONOLITH, "puppet/kronolith/manifests/init.pp"),
      "utf8",
    );
    const list = /package \{ \[([^\]]*)\]/.exec(manifest)?.[1] ?? "";
    const wanted = [...list.matchAll(/'([^']+)'/g)].map((match) => match[1] ?? "");
    assert.deepEqual([...wanted, "puppet"], await kronolithPackages());
  });
});

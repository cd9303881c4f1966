import assert from "node:assert/strict";
import { composeKickstart } from "../../src/recipe/compose/compose.ts";
import { parseKickstart } from "../../src/recipe/kickstart/parse-kickstart.ts";
import { parseRelease } from "../../src/recipe/kickstart/release.ts";
import { layerOfArguments, parseLayer } from "../../src/recipe/parameters/parameter-layer.ts";
import { parseParameters } from "../../src/recipe/parameters/parse-parameters.ts";
import { resolveParameters } from "../../src/recipe/parameters/resolve-parameters.ts";
import type { Kickstart } from "../../src/recipe/kickstart/model.ts";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseDescriptor } from "../../src/appliance/index.ts";
import { assertGolden } from "../support/golden.ts";

const folder = path.join(import.meta.dirname, "../../examples/recipes");
const read = (name: string): Promise<string> => readFile(path.join(folder, name), "utf8");

/** What virt-appliance-host brings. */
const hostTexts = path.join(import.meta.dirname, "../../spec-templates/host");

async function kickstart(name: string, within: string = folder): Promise<Kickstart> {
  const text = await readFile(path.join(within, name), "utf8");
  const { kickstart: parsed, problems } = parseKickstart(text, name);
  assert.deepEqual(problems, []);
  return parsed;
}

describe("the example recipe", () => {
  for (const release of ["F40", "RHEL9"]) {
    it(`becomes one kickstart with the answers of the example site, for ${release}`, async () => {
      const { appliance } = parseDescriptor(await read("web/appliance.xml"), "appliance.xml");
      assert.ok(appliance !== undefined);
      const { parameters: declared } = parseParameters(await read("web/parameters.yaml"), "p");
      const layer = async (name: string, shared: boolean) =>
        parseLayer(await read(name), { origin: name, shared }).layer;
      const { values, problems: missing } = resolveParameters(declared, [
        await layer("site/parameters.d/10-puppet.yaml", true),
        await layer("site/recipes/web.yaml", false),
        layerOfArguments(["mirror=https://install.example.com/fedora"], "--set").layer,
      ]);
      assert.deepEqual(missing, []);
      const wanted = parseRelease(release);
      const { text, problems, notes } = composeKickstart({
        appliance,
        recipe: await kickstart("web/web.ks"),
        stock: new Map([
          ["fedora-minimal.ks", await kickstart("kickstarts/fedora-minimal.ks", hostTexts)],
        ]),
        site: await kickstart("site/site.ks"),
        siteRecipe: await kickstart("site/recipes/web.ks"),
        parameters: { declared, values },
        ...(wanted === undefined ? {} : { release: wanted }),
      });
      assert.deepEqual(problems, []);
      const told = notes.map((note) => `# note: ${note}\n`).join("");
      await assertGolden("recipe/web.ks", text + told);
    });
  }
});

import assert from "node:assert/strict";
import path from "node:path";
import {
  type PackagePlan,
  planPuppetPackage,
  planRecipePackage,
  type RecipeInput,
} from "../../src/package/index.ts";
import { openRecipe } from "../../src/source/index.ts";
import { testContext } from "../support/context.ts";
import { assertGolden } from "../support/golden.ts";

const folder = path.join(import.meta.dirname, "../../examples/recipes/web");

async function input(): Promise<RecipeInput> {
  const { recipe } = await openRecipe(folder, testContext());
  return { recipe, options: { buildTimeSeconds: 1_700_000_000 } };
}

function names(plan: PackagePlan, slot: "provides" | "requires" | "recommends"): readonly string[] {
  return plan[slot].map(({ name }) => name);
}

describe("packages of a recipe", () => {
  it("are planned as the golden files say", async () => {
    const plans = [planRecipePackage(await input()), planPuppetPackage(await input())];
    for (const plan of plans) {
      await assertGolden(`package/${plan.name}.json`, `${JSON.stringify(plan, null, 2)}\n`);
    }
  });

  it("are replaced by later versions: what VMs use is not in them", async () => {
    for (const plan of [planRecipePackage(await input()), planPuppetPackage(await input())]) {
      assert.ok(!names(plan, "provides").includes("installonlypkg(vm)"));
      assert.equal(plan.arch, "noarch");
      assert.deepEqual(plan.scriptlets, {});
    }
  });

  it("the package for Puppet servers requires no virt-appliance package, and has only files of Puppet", async () => {
    const puppet = planPuppetPackage(await input());
    assert.deepEqual(puppet.requires, []);
    assert.deepEqual(names(puppet, "recommends"), ["(openvox-agent or puppet-agent or puppet)"]);
    assert.ok(
      puppet.entries.every((entry) => !entry.path.includes("virt-appliance")),
      "a module is in Puppet's own place alone",
    );
  });

  it("recommend the modules that the recipe's module needs, by the names that virt-appliance packages provide", async () => {
    const { recipe, options } = await input();
    const stdlib = { name: "puppetlabs/stdlib", module: "stdlib", versions: ">= 8.0.0" };
    const own = { name: "example/web", module: "web", versions: undefined };
    const metadata = { ...recipe.module.metadata, dependencies: [stdlib, stdlib, own] };
    const needy = { ...recipe, module: { ...recipe.module, metadata } };
    const puppet = planPuppetPackage({ recipe: needy, options });
    assert.deepEqual(names(puppet, "recommends").slice(1), [
      "virt-appliance-puppet-module(stdlib)",
    ]);
    assert.ok(names(puppet, "provides").includes("virt-appliance-puppet-module(web)"));
  });
});

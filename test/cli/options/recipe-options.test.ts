import assert from "node:assert/strict";
import type { CreateArguments } from "../../../src/cli/options/create-options.ts";
import {
  type RecipeCreateArguments,
  recipeRequestOf,
  refuseRecipeOptions,
} from "../../../src/cli/options/recipe-options.ts";

type Arguments = CreateArguments & RecipeCreateArguments;

const usual: Arguments = {
  name: "web-recipe",
  vm: "vm1",
  memory: undefined,
  vcpus: undefined,
  network: undefined,
  mac: undefined,
  graphics: undefined,
  boot: undefined,
  virtType: undefined,
  pool: undefined,
  copy: false,
  autostart: false,
  start: true,
  set: undefined,
  "--": undefined,
  location: undefined,
  kernel: undefined,
  initrd: undefined,
  extraArgs: undefined,
  installTimeout: undefined,
  masterless: false,
};

describe("options of create for a recipe", () => {
  it("give an installation an hour by default", () => {
    const seconds = (installTimeout: number | undefined): number =>
      recipeRequestOf({ ...usual, installTimeout }, []).timeoutSeconds;
    assert.deepEqual([undefined, 90, 0.5].map(seconds), [3600, 5400, 30]);
  });

  it("name one installer", () => {
    const installer = (args: Partial<Arguments>): unknown =>
      recipeRequestOf({ ...usual, ...args }, []).installer;
    assert.equal(installer({}), undefined);
    assert.deepEqual(installer({ location: "/srv/tree" }), {
      kind: "tree",
      location: "/srv/tree",
    });
    assert.deepEqual(installer({ kernel: "/k", initrd: "/i" }), {
      kind: "kernel",
      kernel: "/k",
      initrd: "/i",
    });
  });

  const refused: readonly (readonly [Partial<Arguments>, RegExp])[] = [
    [{ installTimeout: 0 }, /^--install-timeout: expected a number of minutes, at most 10080$/],
    [{ installTimeout: -1 }, /^--install-timeout: expected a number of minutes/],
    [{ installTimeout: Number.NaN }, /^--install-timeout: expected a number of minutes/],
    [{ installTimeout: 10081 }, /^--install-timeout: expected a number of minutes/],
    [{ installTimeout: Infinity }, /^--install-timeout: expected a number of minutes/],
    [{ location: "/srv/tree", kernel: "/k" }, /cannot be used with --kernel and --initrd$/],
    [{ kernel: "/k" }, /must be used together$/],
    [{ initrd: "/i" }, /must be used together$/],
    [{ copy: true }, /^--copy: not for recipes/],
  ];
  for (const [args, expected] of refused) {
    it(`are refused: ${Object.entries(args).flat().join(" ")}`, () => {
      const request = (): unknown => recipeRequestOf({ ...usual, ...args }, []);
      assert.throws(request, { code: "CLI_USAGE", message: expected });
    });
  }

  it("are refused for an image, all at once", () => {
    refuseRecipeOptions(usual, "web");
    const args = { ...usual, location: "/t", installTimeout: 5, masterless: true };
    assert.throws(() => refuseRecipeOptions(args, "web"), {
      code: "CLI_USAGE",
      message: "--location, --install-timeout, --masterless: only for recipes, but web is an image",
    });
  });
});

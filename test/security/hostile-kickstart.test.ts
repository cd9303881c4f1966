import {
  checkRecipe,
  composeRecipe,
  type RecipeParameter,
  summarizeKickstart,
} from "../../src/recipe/index.ts";
import { parseKickstart } from "../../src/recipe/kickstart/parse-kickstart.ts";
import {
  applianceWith,
  applianceWithBoots,
  type DiskLine,
  layout,
} from "../fixtures/compose-input.ts";
import { assertShort } from "./cpu-time.ts";
import { hostileKickstarts } from "../fixtures/hostile-kickstarts.ts";

const roles = Array.from(
  { length: 250 },
  (_, n): DiskLine[1] => (["system", "data", "scratch"] as const)[n % 3] ?? "system",
);
const letter = (n: number): string => "abcdefghijklmnopqrstuvwxyz"[n % 26] ?? "a";
const targets = (first: number): readonly string[] =>
  roles.map((_, n) => `vd${letter(first + n)}${letter(Math.floor((first + n) / 26))}`);

const appliances = {
  "two disks": applianceWith(["vda", "system", 4096], ["vdb", "data", 1024]),
  "250 disks": applianceWith(...roles.map((role): DiskLine => [undefined, role, 4096])),
  "250 disks, with other names in each of 64 boots": applianceWithBoots(
    roles,
    ...Array.from({ length: 64 }, (_, boot) => targets(boot)),
  ),
};

const parameters = Array.from({ length: 256 }, (_, n): RecipeParameter => ({
  name: `p${n}`,
  type: "string",
  default: "x".repeat(4000),
  required: false,
  description: undefined,
  pattern: undefined,
  values: [],
  secret: n % 2 === 0,
  line: n,
}));

const nobody = { site: undefined, siteRecipe: undefined, layers: [], stock: new Map() };

describe("a hostile kickstart keeps nobody waiting for a second", () => {
  for (const [name, text] of hostileKickstarts) {
    it(`of ${name}`, () => {
      let { kickstart } = parseKickstart("", "x.ks");
      assertShort(() => ({ kickstart } = parseKickstart(text, "hostile.ks")));
      const named = (origin: string) => ({ ...kickstart, origin });
      for (const appliance of Object.values(appliances)) {
        assertShort(() => checkRecipe({ appliance, kickstart, parameters }, new Map()));
      }
      const appliance = appliances["two disks"];
      assertShort(() => summarizeKickstart(kickstart, appliance));
      const site = named("site.ks");
      const siteRecipe = named("recipes/web.ks");
      const own = parseKickstart(layout, "web.ks").kickstart;
      for (const recipe of [own, kickstart]) {
        assertShort(() =>
          composeRecipe(
            { appliance, kickstart: recipe, parameters },
            { ...nobody, site, siteRecipe },
          ),
        );
      }
    });
  }
});

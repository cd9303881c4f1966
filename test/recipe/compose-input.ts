import { type Appliance, parseDescriptor } from "../../src/appliance/index.ts";
import type { ComposeInput } from "../../src/recipe/compose/compose.ts";
import type { Kickstart } from "../../src/recipe/kickstart/model.ts";
import { parseKickstart } from "../../src/recipe/kickstart/parse-kickstart.ts";

/** A disk of {@link applianceWith}: target, role, MiB. */
export type DiskLine = readonly [string | undefined, "system" | "data" | "scratch", number];

/** An appliance with these disks and nothing remarkable. */
export function applianceWith(...disks: readonly DiskLine[]): Appliance {
  const drives = disks.map(([target], index) => {
    const where = target === undefined ? "" : ` target="${target}"`;
    return `<drive disk="d${index}"${where}/>`;
  });
  const elements = disks.map(
    ([, role, size], index) =>
      `<disk id="d${index}" file="d${index}.raw" use="${role}" size="${size}" format="raw"/>`,
  );
  const { appliance } = parseDescriptor(
    `<image><name version="1.0">web</name><domain><boot type="hvm"><guest><arch>x86_64</arch></guest>
     <os><loader dev="hd"/></os>${drives.join("")}</boot>
     <devices><vcpu>1</vcpu><memory>524288</memory></devices></domain>
     <storage>${elements.join("")}</storage></image>`,
    "appliance.xml",
  );
  if (appliance === undefined) throw new TypeError("the descriptor of the test has errors");
  return appliance;
}

/** An appliance that a host may boot in several ways, each with its own names of the same disks. */
export function applianceWithBoots(
  roles: readonly DiskLine[1][],
  ...boots: readonly (readonly string[])[]
): Appliance {
  const elements = roles.map(
    (role, index) =>
      `<disk id="d${index}" file="d${index}.raw" use="${role}" size="4096" format="raw"/>`,
  );
  const ways = boots.map((targets, index) => {
    const drives = targets.map((target, disk) => `<drive disk="d${disk}" target="${target}"/>`);
    return `<boot type="${index === 0 ? "hvm" : "xen"}"><guest><arch>x86_64</arch></guest>
      <os><loader dev="hd"/></os>${drives.join("")}</boot>`;
  });
  const { appliance } = parseDescriptor(
    `<image><name version="1.0">web</name><domain>${ways.join("")}
     <devices><vcpu>1</vcpu><memory>524288</memory></devices></domain>
     <storage>${elements.join("")}</storage></image>`,
    "appliance.xml",
  );
  if (appliance === undefined) throw new TypeError("the descriptor of the test has errors");
  return appliance;
}

/** Parses a kickstart of a test, which must be well-formed. */
export function kickstart(text: string, origin: string): Kickstart {
  const { kickstart: parsed, problems } = parseKickstart(text, origin);
  if (problems.length > 0) throw new TypeError(JSON.stringify(problems));
  return parsed;
}

/** A layout that fits {@link composeInput}'s disks. */
export const layout = "part / --ondisk=vda --size=2048\npart /srv --ondisk=vdb --size=512\n";

/** Documents by author; the recipe has a layout of its own unless it is told. */
export function composeInput(
  documents: {
    readonly recipe?: string;
    readonly stock?: string;
    readonly site?: string;
    readonly siteRecipe?: string;
  },
  rest: Partial<ComposeInput> = {},
): ComposeInput {
  const { recipe = layout, stock, site, siteRecipe } = documents;
  return {
    appliance: applianceWith(["vda", "system", 4096], ["vdb", "data", 1024]),
    recipe: kickstart(stock === undefined ? recipe : `%include stock.ks\n${recipe}`, "web.ks"),
    stock: new Map(stock === undefined ? [] : [["stock.ks", kickstart(stock, "stock.ks")]]),
    site: site === undefined ? undefined : kickstart(site, "site.ks"),
    siteRecipe: siteRecipe === undefined ? undefined : kickstart(siteRecipe, "recipes/web.ks"),
    parameters: { declared: [], values: [] },
    ...rest,
  };
}

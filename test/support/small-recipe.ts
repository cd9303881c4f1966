import { chmod, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

/** What of the recipe is other than usual. */
export interface SmallRecipe {
  readonly name?: string;
  readonly version?: string;
  /** Processor of the boot descriptor. Default: `x86_64`. */
  readonly arch?: string;
  /** Added to the kickstart. */
  readonly kickstart?: string;
  readonly parameters?: string;
  readonly osinfo?: string;
  /** Of the system disk, in MB. */
  readonly sizeMb?: number;
  /** Other modules that its module needs. */
  readonly needs?: readonly string[];
}

export const SMALL_KICKSTART = `text
clearpart --drives=vda --all --initlabel
part / --fstype=ext4 --ondisk=vda --size=40
part /srv --fstype=ext4 --ondisk=vdb --size=20
%packages
puppet
%end
%post
echo "hub: $va_hub, token: $va_token"
%end
`;

export const SMALL_PARAMETERS = `- name: hub
  description: Where mail goes
  required: true
- name: colour
  type: enum
  values: [red, green]
  default: red
- name: token
  required: true
  secret: true
`;

function descriptor({ name, version, arch, osinfo, sizeMb }: Required<SmallRecipe>): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<image xmlns:va="http://virt-appliance/descriptor/1">
  <name version="${version}" release="1">${name}</name>
  <label>Small</label>
  <domain>
    <boot type="hvm">
      <guest><arch>${arch}</arch></guest>
      <os><loader dev="hd"/></os>
      <drive disk="system" target="vda"/>
      <drive disk="pages" target="vdb"/>
    </boot>
    <devices><vcpu>1</vcpu><memory>262144</memory></devices>
    <va:osinfo>${osinfo}</va:osinfo>
  </domain>
  <storage>
    <disk id="system" file="system.qcow2" use="system" size="${sizeMb}" format="qcow2"/>
    <disk id="pages" file="pages.qcow2" use="data" size="32" format="qcow2"/>
  </storage>
</image>
`;
}

/** Writes a recipe `small` with two disks, three parameters and a module into a folder. */
export async function writeSmallRecipe(folder: string, options: SmallRecipe = {}): Promise<void> {
  const full = {
    name: "small",
    version: "1.0",
    arch: "x86_64",
    kickstart: "",
    parameters: SMALL_PARAMETERS,
    osinfo: "http://fedoraproject.org/fedora/40",
    sizeMb: 64,
    needs: [],
    ...options,
  };
  const module = path.join(folder, "puppet", full.name);
  await mkdir(path.join(module, "manifests"), { recursive: true });
  await mkdir(path.join(module, "files"), { recursive: true });
  await writeFile(path.join(folder, "appliance.xml"), descriptor(full));
  await writeFile(path.join(folder, `${full.name}.ks`), SMALL_KICKSTART + full.kickstart);
  await writeFile(path.join(folder, "parameters.yaml"), full.parameters);
  const metadata = {
    name: `example-${full.name}`,
    version: `${full.version}.0`,
    author: "Example",
    license: "Apache-2.0",
    summary: "Says something",
    source: "https://example.com/small",
    dependencies: full.needs.map((name) => ({ name })),
  };
  await writeFile(path.join(module, "metadata.json"), JSON.stringify(metadata));
  await writeFile(
    path.join(module, "manifests/init.pp"),
    `class ${full.name}(String $hub, String $token, String $colour = 'red') {
  notify { "hub is \${hub}": }
}
`,
  );
  await writeFile(path.join(module, "files/run.sh"), "#!/bin/sh\necho run\n");
  await chmod(path.join(module, "files/run.sh"), 0o755);
}

/** Puts the recipe into a catalogue, as its package would. */
export async function installSmallRecipe(
  catalogueDir: string,
  options: SmallRecipe = {},
): Promise<void> {
  const { name = "small", version = "1.0" } = options;
  const folder = path.join(catalogueDir, `${name}-appliance-recipe-${version}-1`);
  await writeSmallRecipe(folder, options);
  const entry = {
    schema: 1,
    name,
    package: `${name}-appliance-recipe`,
    version,
    release: "1",
    label: "Small",
    kickstart: `${name}.ks`,
    parameters: "parameters.yaml",
    module: { name, version: `${version}.0` },
    disks: [],
  };
  await writeFile(path.join(folder, "recipe.json"), JSON.stringify(entry));
}

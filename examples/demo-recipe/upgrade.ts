import { installedLines } from "../demo/install.ts";
import { virtAppliance } from "../demo/installed-program.ts";
import type { VirtAppliance } from "../demo/program.ts";
import { addToRepository } from "../demo/repository.ts";
import { GREETING, type RecipeProgram, setOptions, VM } from "./recipe-program.ts";
import type { RecipeRepository } from "./repository.ts";

const ENVIRONMENT = "/etc/puppet/code/environments/production";
const HIERA = `version: 5
defaults: { datadir: data, data_hash: yaml_data }
hierarchy: [{ name: nodes, path: "nodes/%{trusted.certname}.yaml" }]
`;
const NODE = "vm1.example.com";
/** Exit status of `update` when there is nothing to update. */
const REFUSED = 1;

/** Step 7: the module of version 1.0, then of 1.1, on a Puppet server, with the site's data in its own layer. */
export async function upgradeModule(
  program: RecipeProgram,
  builder: { readonly repository: RecipeRepository; readonly virtAppliance: VirtAppliance },
): Promise<void> {
  const { host, say } = program;
  const dnf = async (...command: readonly string[]): Promise<void> => {
    const { stdout } = await host.run(["dnf", "-y", ...command]);
    say(`# dnf -y ${command.join(" ")}`);
    say(installedLines(stdout));
  };
  await dnf("install", "page-appliance-puppet");
  const node = ["recipe", "node", "page", NODE];
  const { stdout: data } = await virtAppliance(program, [
    ...node,
    "--data",
    "--show-secrets",
    ...setOptions(program),
  ]);
  const { stdout: manifest } = await virtAppliance(program, [...node, ...setOptions(program)]);
  await host.writeText(`${ENVIRONMENT}/hiera.yaml`, HIERA);
  await host.writeText(`${ENVIRONMENT}/data/nodes/${NODE}.yaml`, data);
  await host.writeText(`${ENVIRONMENT}/manifests/site.pp`, manifest);
  await applyPage(program);
  const { repository, virtAppliance: buildersProgram } = builder;
  await addToRepository({ folder: repository.folder, rpms: repository.newRpms }, buildersProgram);
  await dnf("upgrade", "--refresh");
  const page = await applyPage(program);
  for (const wanted of [`<p>${GREETING}</p>`, "new in version 1.1"]) {
    if (!page.includes(wanted)) throw new Error(`the page lacks ${wanted}:\n${page}`);
  }
  const { stderr } = await virtAppliance(program, ["update", VM], [REFUSED]);
  say(stderr);
}

/** What the node would get from the server. It is applied on the host, where only the page shows. */
async function applyPage({ host, say }: RecipeProgram): Promise<string> {
  const apply = `puppet apply --color=false --certname ${NODE} ${ENVIRONMENT}/manifests`;
  say(`# ${apply}`);
  await host.sh(`${apply} >/dev/null`);
  const page = await host.readText("/srv/www/index.html");
  say(page);
  return page;
}

import { installedLines } from "../demo/install.ts";
import type { Say } from "../demo/tell.ts";
import type { SimulatedHost } from "../simulated-host/simulated-host.ts";
import type { RecipeRepository } from "./repository.ts";

const SITE = `# What this site says about every recipe.
lang C.UTF-8
keyboard --vckeymap=de
timezone Europe/Berlin --utc
network --bootproto=dhcp --device=link --activate --hostname=vm1.example.com
rootpw --plaintext nobody-reads-this
`;

/** Step 3: adds the repository to the host, and installs the recipe and the command line from it. */
export async function installRecipe(
  host: SimulatedHost,
  repository: RecipeRepository,
  say: Say,
): Promise<void> {
  const response = await fetch(repository.repoFileUrl);
  if (!response.ok) throw new Error(`${repository.repoFileUrl}: ${response.status}`);
  await host.writeText("/etc/yum.repos.d/demo.repo", await response.text());
  const command = ["dnf", "-y", "install", "virt-appliance", "page-appliance-recipe"];
  const { stdout } = await host.run(command);
  say(`# ${command.join(" ")}`);
  say(installedLines(stdout));
  await host.writeText("/etc/virt-appliance/site.ks", SITE);
  say("# cat /etc/virt-appliance/site.ks");
  say(SITE.replace(/nobody-reads-this/, "…"));
  await host.startLibvirt();
}

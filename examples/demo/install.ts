import type { SimulatedHost } from "../simulated-host/simulated-host.ts";
import type { Repository } from "./repository.ts";
import type { Say } from "./tell.ts";

/** Step 3: adds the repository to the host; the real dnf installs from it and checks every signature. */
export async function installAppliance(
  host: SimulatedHost,
  repository: Repository,
  say: Say,
): Promise<void> {
  const response = await fetch(repository.repoFileUrl);
  if (!response.ok) throw new Error(`${repository.repoFileUrl}: ${response.status}`);
  const repoFile = await response.text();
  await host.writeText("/etc/yum.repos.d/demo.repo", repoFile);
  for (const setting of ["gpgcheck=1", "repo_gpgcheck=1"]) {
    if (!repoFile.split("\n").includes(setting)) throw new Error(`demo.repo: no ${setting}`);
  }
  say("/etc/yum.repos.d/demo.repo says gpgcheck=1 and repo_gpgcheck=1");
  for (const command of [
    ["dnf", "-y", "install", "hello-appliance"],
    ["yum", "-y", "install", "hello-raw-appliance"],
  ]) {
    const { stdout } = await host.run(command);
    say(`# ${command.join(" ")}`);
    say(installedLines(stdout));
  }
}

/** What dnf lists below "Installed:", the transaction's own summary. */
export function installedLines(stdout: string): string {
  const after = stdout.split(/^(?:Installed|Upgraded):$/m).at(-1) ?? "";
  return after
    .split("\n")
    .filter((line) => line.startsWith(" "))
    .join("\n");
}

import { ApplianceError } from "../../errors.ts";
import type { LocalHost } from "../access/local-host.ts";
import { findInstance } from "../instance/find-instances.ts";

/** Returns the installed version of a package, `NAME-VERSION-RELEASE`; undefined if it is not installed. */
async function installedPackage(host: LocalHost, name: string): Promise<string | undefined> {
  const query = ["-q", "--queryformat", "%{NAME}-%{VERSION}-%{RELEASE}\\n", name];
  const answer = await host.context
    .run("rpm", query, { acceptExitCodes: [1], timeoutMs: 30_000 })
    .catch(() => undefined);
  return answer?.exitCode === 0 ? answer.stdout.trim().split("\n").at(-1) : undefined;
}

/**
 * Refuses to update a VM from a recipe, which has no base to replace: its Puppet module is updated instead.
 *
 * @throws ApplianceError `HOST_REFUSED` for a VM from a recipe; `HOST_UNKNOWN_VM`
 */
export async function refuseRecipeUpdate(host: LocalHost, vm: string): Promise<void> {
  const { instance } = await findInstance(host.libvirt, vm);
  const { recipe, current } = instance;
  if (recipe === undefined) return;
  const name = instance.package.replace(/-recipe$/, "-puppet");
  const installed = await installedPackage(host, name);
  const from = `${instance.appliance} ${current.version}-${current.release}`;
  const isLocal = recipe.puppet === "masterless";
  throw new ApplianceError(
    "HOST_REFUSED",
    `${vm}: was installed from the recipe ${from}; update its Puppet module ${recipe.module} instead`,
    {
      details: [
        `module ${recipe.module} at installation: ${recipe.moduleVersion}`,
        `${name} on this host: ${installed ?? "unknown, rpm has no such package here"}`,
        isLocal
          ? "the VM configures itself: the module is in the VM, in /etc/virt-appliance/first-boot/modules"
          : "the site's Puppet server configures it: the version installed there is unknown here",
      ],
      hint: isLocal
        ? "copy the new module into the VM and run puppet apply there"
        : `upgrade ${name} on the Puppet server; the VM's agent fetches it from there`,
    },
  );
}

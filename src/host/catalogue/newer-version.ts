import { compareEvr } from "../../lib/evr.ts";
import type { FoundInstance } from "../instance/find-instances.ts";
import type { Catalogue } from "./catalogue.ts";

/** Returns the newest installed version of a VM's appliance that is newer than the VM's. */
export function newerVersion(
  catalogue: Catalogue,
  { instance }: Pick<FoundInstance, "instance">,
): string | null {
  const [newest] = catalogue.entries
    .filter((entry) => entry.package === instance.package)
    .filter((entry) => compareEvr(entry, instance.current) > 0)
    .sort((a, b) => compareEvr(b, a));
  return newest === undefined ? null : `${newest.version}-${newest.release}`;
}

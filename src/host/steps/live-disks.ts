import { ApplianceError } from "../../errors.ts";
import { type Libvirt, parseDomain } from "../../libvirt/index.ts";

/** The change of a domain in a step. */
interface DomainChange {
  readonly vm: string;
  readonly xml: string;
  /** Previous XML; null if the domain did not exist. */
  readonly previousXml: string | null;
}

function sourcesOf(xml: string): ReadonlySet<string> {
  return new Set(parseDomain(xml).disks.flatMap(({ source }) => source ?? []));
}

/** Returns whether a running domain has a disk that is in one definition but not in the other. */
function hasDiskOf(live: string, definition: string, other: string): boolean {
  const others = sourcesOf(other);
  const only = [...sourcesOf(definition)].filter((source) => !others.has(source));
  const inUse = sourcesOf(live);
  return only.some((source) => inUse.has(source));
}

/**
 * Checks that a domain does not run on disks that its change removes: it may have been started in the meantime.
 *
 * @throws ApplianceError `HOST_STILL_RUNNING`
 */
export async function requireNotOnOldDisks(change: DomainChange, libvirt: Libvirt): Promise<void> {
  const { vm, xml, previousXml } = change;
  if (previousXml === null) return;
  const live = await libvirt.dumpLive(vm);
  if (live === undefined || !hasDiskOf(live, previousXml, xml)) return;
  throw new ApplianceError(
    "HOST_STILL_RUNNING",
    `${vm}: was started meanwhile and runs on its previous disks, expected it to be off`,
    { hint: "shut it down, make sure that nothing else starts it, and try again" },
  );
}

/**
 * Checks that a domain does not run on disks that its change added, which are removed by the undo.
 *
 * @throws ApplianceError `HOST_STILL_RUNNING`
 */
export async function requireNotOnNewDisks(change: DomainChange, libvirt: Libvirt): Promise<void> {
  const { vm, xml, previousXml } = change;
  const live = await libvirt.dumpLive(vm);
  if (live === undefined) return;
  const isOnNew =
    previousXml === null
      ? parseDomain(live).uuid === parseDomain(xml).uuid
      : hasDiskOf(live, xml, previousXml);
  if (!isOnNew) return;
  throw new ApplianceError(
    "HOST_STILL_RUNNING",
    `${vm}: runs on disks that the interrupted operation created; shut it down, then run virt-appliance recover`,
  );
}

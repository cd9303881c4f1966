import { compareEvr } from "../../lib/evr.ts";
import { formatSizes } from "../../lib/format-size.ts";
import type { Domain } from "../../libvirt/index.ts";
import type { BootSettings } from "./domain-target.ts";
import type { UpdateState } from "./update-state.ts";

function sizeNotes({ appliance }: UpdateState, domain: Domain): readonly string[] {
  const has = domain.memoryKiB;
  const least = appliance.minimumMemoryKiB ?? 0;
  const wanted = appliance.memoryKiB ?? 0;
  const notes: string[] = [];
  if (has !== undefined && has < least) {
    const [from, to] = formatSizes(has * 1024, least * 1024);
    notes.push(`memory: raised from ${from} to ${to}, the minimum of this version`);
  } else if (has !== undefined && has < wanted) {
    const [stays, likes] = formatSizes(has * 1024, wanted * 1024);
    notes.push(`memory: kept at ${stays}, this version recommends ${likes}`);
  }
  if (domain.vcpu < appliance.vcpu)
    notes.push(`processors: kept at ${domain.vcpu}, this version recommends ${appliance.vcpu}`);
  const interfaces = appliance.interfaces.length;
  if (domain.interfaces.length < interfaces)
    notes.push(`network: has ${domain.interfaces.length} of ${interfaces} recommended interfaces`);
  return notes;
}

/** Returns notes on an update, except those on its disks, one sentence each. */
export function updateNotes(
  state: UpdateState,
  domain: Domain,
  boot: BootSettings,
): readonly string[] {
  const { appliance, found, entry } = state;
  const { instance } = found;
  const given = new Set(instance.seed?.parameters);
  const missing = appliance.parameters.filter(
    (each) => each.required && each.default === undefined && !given.has(each.name),
  );
  const before = domain.os.cmdline;
  return [
    ...(compareEvr(entry, instance.current) < 0
      ? ["version: older than the current one; the data may require the newer one"]
      : []),
    ...sizeNotes(state, domain),
    ...(before !== undefined && boot.kernel !== undefined && before !== boot.cmdline
      ? [`kernel command line: changed from "${before}" to "${boot.cmdline ?? ""}"`]
      : []),
    ...missing.map(
      (each) => `parameter ${each.name}: required by this version, but the VM has no value`,
    ),
  ];
}

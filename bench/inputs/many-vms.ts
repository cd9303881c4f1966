import { fileURLToPath } from "node:url";
import {
  openSimulatedHost,
  type SimulatedHost,
} from "../../examples/simulated-host/simulated-host.ts";
import { descriptorOf, noise, writeAppliance } from "../../test/fixtures/appliance-folder.ts";
import type { Command } from "../model.ts";
import type { Shop } from "./shop.ts";

/** Number of VMs and appliances, at scale 1. */
export const VMS = 200;
const APPLIANCES = 52;
const MIB = 1024 * 1024;
const PROGRAM = "/srv/virt-appliance";
const PROGRAM_FILE = `${PROGRAM}/dist/bundle/main.js`;
const repository = fileURLToPath(new URL("../..", import.meta.url));

/** The program makes one appliance and one VM; the others are copies of them under other names. */
const populate = `
set -eu
va() { node "$program" "$@" >/dev/null; }
va install /srv/source
cd /usr/share/virt-appliance/catalog.d
for number in $(seq 2 "$appliances"); do
  new=web$(printf %03d "$number")
  mkdir "$new-appliance-1-1"
  for file in web001-appliance-1-1/*; do
    sed "s/web001/$new/g" "$file" >"$new-appliance-1-1/\${file##*/}"
  done
  payload=/var/lib/libvirt/images/appliances/payload
  mkdir "$payload/$new-appliance"
  cp -r "$payload/web001-appliance/1-1" "$payload/$new-appliance/"
  sed -i "s/web001/$new/g" "$payload/$new-appliance/1-1/unpack.list"
  osinfo=/usr/share/osinfo/os/virt-appliance
  sed "s/web001/$new/g" "$osinfo/web001-1-1.xml" >"$osinfo/$new-1-1.xml"
done
va reconcile
va create web001 vm001 --virt-type qemu --no-start --network none
cd /var/lib/libvirt/images
virsh dumpxml vm001 >/tmp/vm001.xml
disk=$(sed -n "s|.*<source file='\\([^']*/vm001[^']*\\)'.*|\\1|p" /tmp/vm001.xml | head -n 1)
for number in $(seq 2 "$vms"); do
  name=vm$(printf %03d "$number")
  web=web$(printf %03d $((number % appliances + 1)))
  uuid=$(cat /proc/sys/kernel/random/uuid)
  old=$(sed -n 's|.*<uuid>\\(.*\\)</uuid>.*|\\1|p' /tmp/vm001.xml)
  sed -e "s/vm001/$name/g" -e "s/web001/$web/g" -e "s/$old/$uuid/g" -e '/<mac address/d' \\
    /tmp/vm001.xml >"/tmp/$name.xml"
  base=/var/lib/libvirt/images/appliances/base/$web-appliance-1-1-system.qcow2
  qemu-img create -q -f qcow2 -F qcow2 -b "$base" "$(printf '%s' "$disk" | sed "s/vm001/$name/g")"
  echo "define /tmp/$name.xml"
done >/tmp/define
virsh -q "$(tr '\\n' ';' </tmp/define)" >/dev/null
test "$(virsh -q list --all --name | grep -c .)" -eq "$vms"
`;

/** Opens a simulated KVM host with many VMs, for all rows of a chapter. */
export function hostWithVms(shop: Shop): Promise<SimulatedHost> {
  return shop.once("host", async () => {
    const folder = await shop.newFolder("web001");
    const disk = Buffer.alloc(4 * MIB);
    noise(65_536, "bench").copy(disk, MIB);
    const disks = [{ file: "system.raw", sizeMib: 4 }];
    const descriptor = descriptorOf(disks, { name: "web001", version: "1" });
    await writeAppliance(folder, descriptor, { "system.raw": disk });
    const shares = { [PROGRAM]: repository, "/srv/source": folder };
    const host = await openSimulatedHost(shop.context, { shares });
    shop.atEnd(() => host.dispose());
    await host.startLibvirt();
    const scaled = (count: number): string => String(Math.max(3, Math.round(count * shop.scale)));
    shop.report(`a host with ${scaled(VMS)} VMs`);
    const env = { program: PROGRAM_FILE, vms: scaled(VMS), appliances: scaled(APPLIANCES) };
    await host.run(["sh", "-c", populate], { env, timeoutMs: 600_000 });
    return host;
  });
}

/** Returns a command that is measured inside the host; `accept` has exit statuses that are no failure. */
export function inHost(
  host: SimulatedHost,
  argv: readonly string[],
  accept: readonly number[] = [],
): Command {
  return {
    argv,
    acceptExitCodes: accept,
    measure: `${PROGRAM}/bench/measure/measure-command.py`,
    run: (all, { acceptExitCodes = [], timeoutMs = 600_000 }) =>
      host.run(all, { accept: acceptExitCodes, timeoutMs }),
  };
}

/** Returns the command line of our program inside the host. */
export function programInHost(...args: readonly string[]): readonly string[] {
  return ["node", PROGRAM_FILE, ...args];
}

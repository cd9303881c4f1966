import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import {
  openSimulatedHost,
  type SimulatedHost,
} from "../examples/simulated-host/simulated-host.ts";
import { descriptorOf, noise, writeAppliance } from "../test/fixtures/appliance-folder.ts";
import { testContext } from "../test/support/context.ts";
import { type Chapter, type Measurement, time } from "./chapter.ts";

const VMS = 200;
const APPLIANCES = 52;
const MIB = 1024 * 1024;
const PROGRAM = "/srv/virt-appliance";
const PROGRAM_FILE = `${PROGRAM}/dist/cli/main.js`;
const repository = fileURLToPath(new URL("..", import.meta.url));

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

const loop =
  "for vm in $(virsh list --all --name); do virsh dumpxml $vm; virsh snapshot-list $vm --name; done";

async function measure(host: SimulatedHost): Promise<readonly Measurement[]> {
  const ours = (...args: string[]) =>
    time(() => host.run(["node", PROGRAM_FILE, ...args], { accept: [1], timeoutMs: 600_000 }));
  const plain = (script: string) =>
    time(() => host.run(["sh", "-c", `${script} >/dev/null`], { timeoutMs: 600_000 }));
  const list = { tool: "virsh list --all", seconds: await plain("virsh list --all") };
  const each = { tool: "virsh dumpxml, snapshot-list for each", seconds: await plain(loop) };
  return [
    { what: "vms", ours: await ours("vms"), theirs: list, aim: 1.5 },
    { what: "doctor", ours: await ours("doctor"), theirs: each, aim: 3 },
    { what: "gc --dry-run", ours: await ours("gc", "--dry-run"), theirs: each, aim: 5 },
  ];
}

/** A host with many VMs: the operations that a user waits for. */
export const chapter: Chapter = {
  name: "host",
  title: `a KVM host with ${VMS} VMs of ${APPLIANCES} appliances`,
  run: async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "va-bench-"));
    try {
      const disk = Buffer.alloc(4 * MIB);
      noise(65_536, "bench").copy(disk, MIB);
      const descriptor = descriptorOf([{ file: "system.raw", sizeMib: 4 }], {
        name: "web001",
        version: "1",
      });
      await writeAppliance(folder, descriptor, { "system.raw": disk });
      const shares = { [PROGRAM]: repository, "/srv/source": folder };
      await using host = await openSimulatedHost(testContext(), { shares });
      await host.startLibvirt();
      const env = { program: PROGRAM_FILE, vms: String(VMS), appliances: String(APPLIANCES) };
      await host.run(["sh", "-c", populate], { env, timeoutMs: 600_000 });
      return await measure(host);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

import { hostWithVms, inHost, programInHost } from "../inputs/many-vms.ts";
import type { Row } from "../model.ts";

const shared = {
  chapter: "host",
  programs: ["virsh", "virt-install", "qemu-img", "qemu-system-x86_64"],
  spaceMib: 1024,
} as const;

/** doctor ends with this status when it has found something. */
const FINDINGS = [1];

const loop =
  "for vm in $(virsh list --all --name); do virsh dumpxml $vm; virsh snapshot-list $vm --name; done";

/** A command on a host with 200 VMs, beside a line of shell with virsh. */
function hostRow(
  name: string,
  row: {
    readonly args: readonly string[];
    readonly seconds: number;
    readonly peer: { readonly name: string; readonly script: string };
  },
): Row {
  return {
    ...shared,
    name,
    title: `${row.args.join(" ")} of 200 VMs`,
    rounds: 5,
    aims: [],
    seconds: row.seconds,
    open: async (shop) => {
      const host = await hostWithVms(shop);
      return {
        ours: {
          name: `virt-appliance ${row.args.join(" ")}`,
          command: () => inHost(host, programInHost(...row.args), FINDINGS),
        },
        peers: [
          {
            name: row.peer.name,
            command: () => inHost(host, ["sh", "-c", row.peer.script], FINDINGS),
          },
        ],
      };
    },
  };
}

const each = { name: "virsh dumpxml, snapshot-list for each", script: loop };
const list = { name: "virsh list --all", script: "virsh list --all" };

/** What administrators do often on a host with many VMs. */
export const hostRows: readonly Row[] = [
  hostRow("vms", { args: ["vms"], seconds: 1.5, peer: list }),
  hostRow("doctor", { args: ["doctor"], seconds: 3, peer: each }),
  hostRow("gc", { args: ["gc", "--dry-run"], seconds: 5, peer: each }),
];

const VIRT_INSTALL = "virt-install --import";
const images = "/var/lib/libvirt/images";
const base = `${images}/appliances/base/web001-appliance-1-1-system.qcow2`;

/** From the command to a running domain. */
export const createRow: Row = {
  ...shared,
  name: "create",
  title: "create a VM, to its running domain",
  rounds: 5,
  aims: [],
  open: async (shop) => {
    const host = await hostWithVms(shop);
    const plain = ["--virt-type", "qemu", "--network", "none", "--graphics", "none"];
    const machine = ["--import", "--noautoconsole", "--osinfo", "web0011", "--memory", "256"];
    return {
      ours: {
        name: "virt-appliance create",
        command: (round) =>
          inHost(host, programInHost("create", "web001", `made${round}`, ...plain)),
        finish: async (round) => {
          await host.run(programInHost("destroy", `made${round}`, "--stop"));
        },
      },
      peers: [
        {
          name: VIRT_INSTALL,
          prepare: async (round) => {
            const overlay = `${images}/plain${round}.qcow2`;
            const how = ["-q", "-f", "qcow2", "-F", "qcow2", "-b", base];
            await host.run(["qemu-img", "create", ...how, overlay]);
          },
          command: (round) => {
            const disk = ["--disk", `path=${images}/plain${round}.qcow2`];
            const name = ["--name", `plain${round}`];
            return inHost(host, ["virt-install", ...name, ...machine, ...plain, ...disk]);
          },
          finish: async (round) => {
            await host.run(["virsh", "destroy", `plain${round}`], { accept: "any" });
            await host.run(["virsh", "undefine", `plain${round}`, "--remove-all-storage"]);
          },
        },
      ],
    };
  },
};

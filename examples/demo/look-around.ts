import type { Context } from "../../src/lib/context.ts";
import type { SimulatedHost } from "../simulated-host/simulated-host.ts";
import { inMiB } from "./in-mib.ts";
import type { Repository } from "./repository.ts";
import type { Say } from "./tell.ts";

/** The well-known directory: the libvirt pool `appliances`. */
export const BASE_FOLDER = "/var/lib/libvirt/images/appliances/base";

/** Step 4: shows the scriptlets, what they did, and that virt-install and libvirt know the appliance. */
export async function lookAround(
  host: SimulatedHost,
  repository: Repository,
  options: { readonly context: Context; readonly say: Say },
): Promise<void> {
  const { context, say } = options;
  const scripts = await context.run("rpm", [
    "-qp",
    "--nosignature",
    "--scripts",
    repository.oldRpm,
  ]);
  say("# rpm -qp --scripts hello-appliance-1.0-1.x86_64.rpm");
  say(shorten(scripts.stdout));

  say(`# ls -ls ${BASE_FOLDER}`);
  say((await host.run(["ls", "-ls", BASE_FOLDER])).stdout);
  await showSparseDisk(host, say);

  const osinfo = await host.run(["virt-install", "--osinfo", "list"]);
  const known = osinfo.stdout.split("\n").filter((line) => /\bhello/.test(line));
  if (known.length === 0) throw new Error("virt-install --osinfo list names no hello");
  say("# virt-install --osinfo list | grep hello");
  say(known.join("\n"));

  const volumes = await host.run(["virsh", "vol-list", "appliances"]);
  if (!volumes.stdout.includes("hello-appliance-1.0-1-")) {
    throw new Error(`virsh vol-list appliances: no base of hello-appliance\n${volumes.stdout}`);
  }
  say("# virsh vol-list appliances");
  say(volumes.stdout);
}

const SHOWN_LINES = 12;

function shorten(text: string): string {
  const lines = text.trimEnd().split("\n");
  if (lines.length <= SHOWN_LINES) return lines.join("\n");
  return [...lines.slice(0, SHOWN_LINES), `… ${lines.length - SHOWN_LINES} more lines`].join("\n");
}

/** The disk that was kept raw: it has its full length, and takes no more space than its content. */
async function showSparseDisk(host: SimulatedHost, say: Say): Promise<void> {
  const file = `${BASE_FOLDER}/hello-raw-appliance-1.0-1-system.raw`;
  const { stdout } = await host.run(["stat", "-c", "%s %b %B", file]);
  const [length = 0, blocks = 0, blockBytes = 0] = stdout.trim().split(" ").map(Number);
  const taken = blocks * blockBytes;
  if (taken * 4 > length) throw new Error(`${file}: takes ${taken} of ${length} bytes: not sparse`);
  say(`kept raw and expanded sparse: ls says ${inMiB(length)}, du says ${inMiB(taken)}`);
}

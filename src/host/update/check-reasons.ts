import type { Domain } from "../../libvirt/index.ts";
import type { Verification } from "./update-request.ts";

/** What a check could find out from. */
export interface CheckedDomain {
  readonly domain: Domain;
  readonly xml: string;
  /** Undefined: what it says on its console is not kept. */
  readonly consoleLog: string | undefined;
}

function portReasons(port: number, { interfaces }: Domain): readonly string[] {
  const instead = "say tcp:HOST:PORT, or check otherwise";
  if (interfaces.length === 0) return [`tcp:${port}: it has no network interface; ${instead}`];
  // The address is the same in every such VM, behind a network that QEMU makes up for it alone.
  if (!interfaces.every(({ type }) => type === "user")) return [];
  const why = "its network is of type user, which the host cannot reach";
  return [`tcp:${port}: ${why}; forward a port and say tcp:127.0.0.1:PORT, or check otherwise`];
}

/** Returns why a check could never pass, however well the VM is. */
export function checkReasons(
  verify: Verification | undefined,
  { domain, xml, consoleLog }: CheckedDomain,
): readonly string[] {
  const check = verify?.check;
  if (check?.kind === "console" && consoleLog === undefined)
    return ["its console is not logged: its <serial> needs a <log file=... append='off'/>"];
  if (check?.kind === "agent" && !xml.includes("org.qemu.guest_agent."))
    return ["it has no channel to its guest agent: org.qemu.guest_agent.0, of type unix"];
  if (check?.kind === "tcp" && check.host === undefined) return portReasons(check.port, domain);
  return [];
}

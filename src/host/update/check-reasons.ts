import type { Domain } from "../../libvirt/index.ts";
import type { Verification } from "../steps/health.ts";

/** The VM for a check. */
export interface CheckedDomain {
  readonly domain: Domain;
  readonly xml: string;
  /** Undefined: its console is not logged. */
  readonly consoleLog: string | undefined;
}

function portReasons(port: number, { interfaces }: Domain): readonly string[] {
  const instead = "use tcp:HOST:PORT or another check";
  if (interfaces.length === 0) return [`tcp:${port}: the VM has no network interface; ${instead}`];
  // Every such VM has the same address, in a private network of its QEMU process.
  if (!interfaces.every(({ type }) => type === "user")) return [];
  const why = "its network has type user, which the host cannot reach";
  return [`tcp:${port}: ${why}; forward a port and use tcp:127.0.0.1:PORT, or another check`];
}

/** Returns why a check can never pass, even for a healthy VM. */
export function checkReasons(
  verify: Verification | undefined,
  { domain, xml, consoleLog }: CheckedDomain,
): readonly string[] {
  const check = verify?.check;
  if (check?.kind === "console" && consoleLog === undefined)
    return ["its console is not logged: add <log file=... append='off'/> to its <serial>"];
  if (check?.kind === "agent" && !xml.includes("org.qemu.guest_agent."))
    return ["it has no guest agent channel: add org.qemu.guest_agent.0, type unix"];
  if (check?.kind === "tcp" && check.host === undefined) return portReasons(check.port, domain);
  return [];
}

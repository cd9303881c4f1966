import path from "node:path";
import { readPlainText } from "../../lib/plain-file.ts";

/** Returns the addresses of these MAC addresses in an ARP table, in the kernel's format. */
export function parseNeighbours(table: string, macs: readonly string[]): readonly string[] {
  const wanted = new Set(macs.map((mac) => mac.toLowerCase()));
  const found = table.split("\n").flatMap((line) => {
    const [address = "", , flags, mac = ""] = line.trim().split(/\s+/);
    // Flags of 0: no response to an ARP request.
    return wanted.has(mac.toLowerCase()) && flags !== "0x0" ? [address] : [];
  });
  return [...new Set(found)];
}

/**
 * Returns the addresses of these MAC addresses in the host's ARP table. libvirt also reads this table, but fails with
 * some kernels ("wrong nlmsg len").
 */
export async function readNeighbours(
  root: string,
  macs: readonly string[],
): Promise<readonly string[]> {
  const table = await readPlainText(path.join(root, "proc/net/arp")).catch(() => "");
  return parseNeighbours(table, macs);
}

import path from "node:path";
import { readPlainText } from "../../lib/plain-file.ts";

/** Returns the addresses that an ARP table, as the kernel prints it, has for any of these MAC addresses. */
export function parseNeighbours(table: string, macs: readonly string[]): readonly string[] {
  const wanted = new Set(macs.map((mac) => mac.toLowerCase()));
  const found = table.split("\n").flatMap((line) => {
    const [address = "", , flags, mac = ""] = line.trim().split(/\s+/);
    // Flags of 0: it was asked for and did not answer.
    return wanted.has(mac.toLowerCase()) && flags !== "0x0" ? [address] : [];
  });
  return [...new Set(found)];
}

/**
 * Returns the addresses at which this machine has met any of these MAC addresses; libvirt, which is asked as well, cannot
 * read the table of every kernel ("wrong nlmsg len").
 */
export async function readNeighbours(
  root: string,
  macs: readonly string[],
): Promise<readonly string[]> {
  const table = await readPlainText(path.join(root, "proc/net/arp")).catch(() => "");
  return parseNeighbours(table, macs);
}

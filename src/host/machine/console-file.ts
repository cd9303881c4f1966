import { parseXml } from "../../lib/xml/parse.ts";
import { attributeOf, childOf, childrenOf } from "../../lib/xml/tree.ts";

/** Returns the console log of a domain that starts again at each start; undefined if there is none. */
export function consoleLogOf(xml: string): string | undefined {
  return findConsole(xml, "fresh");
}

/** Like `consoleLogOf`, including logs that keep the output of earlier runs. */
export function consoleFileOf(xml: string): string | undefined {
  return findConsole(xml, "any");
}

function findConsole(xml: string, kind: "fresh" | "any"): string | undefined {
  const limits = { maxBytes: 16 * 1024 * 1024, maxNodes: 1_000_000 };
  const devices = childOf(parseXml(xml, "domain", limits), "devices");
  if (devices === undefined) return undefined;
  const consoles = [...childrenOf(devices, "serial"), ...childrenOf(devices, "console")];
  for (const console of consoles) {
    const log = childOf(console, "log");
    const file = log === undefined ? undefined : attributeOf(log, "file");
    // Output of earlier runs must not be mistaken for that of this run.
    const isFresh = log === undefined || attributeOf(log, "append") !== "on";
    if (file !== undefined && (isFresh || kind === "any")) return file;
  }
  return undefined;
}

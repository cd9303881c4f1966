import type { Appliance } from "../../appliance/index.ts";
import type { Kickstart } from "./model.ts";
import { releaseOfOsinfo, renderRelease } from "./release.ts";

/** Summary of a kickstart. Each name appears once, in the order of the document. */
export interface KickstartSummary {
  /** Release of the installer, if the descriptor has an osinfo id with one. */
  readonly release: string | undefined;
  readonly includes: readonly string[];
  readonly commands: readonly string[];
  readonly packages: readonly string[];
  readonly sections: readonly string[];
}

/** Summarizes a kickstart. */
export function summarizeKickstart(
  { items }: Kickstart,
  appliance: Appliance | undefined,
): KickstartSummary {
  const release = releaseOfOsinfo(appliance?.osinfo);
  const includes = new Set<string>();
  const commands = new Set<string>();
  const packages = new Set<string>();
  const sections = new Set<string>();
  for (const item of items) {
    if (item.kind === "include") includes.add(item.words[1]?.value ?? "");
    if (item.kind === "command") commands.add(item.name);
    if (item.kind !== "section") continue;
    sections.add(`%${item.name}`);
    if (item.name !== "packages") continue;
    for (const { text } of item.body) {
      const name = text.replace(/#.*/, "").trim();
      if (name !== "") packages.add(name);
    }
  }
  return {
    release: release === undefined ? undefined : renderRelease(release),
    includes: [...includes],
    commands: [...commands],
    packages: [...packages],
    sections: [...sections],
  };
}

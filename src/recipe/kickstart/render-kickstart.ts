import type { Kickstart, KickstartItem } from "./model.ts";

/** Returns an item as it stands in a document. */
export function renderItem(item: KickstartItem): string {
  if (item.kind !== "section") return item.text;
  return item.text + item.body.map(({ text }) => text).join("") + (item.end ?? "");
}

/** Renders a kickstart: what was parsed comes out as it went in, byte for byte. */
export function renderKickstart(kickstart: Kickstart): string {
  return kickstart.items.map(renderItem).join("");
}

import type { Kickstart, KickstartItem } from "./model.ts";

/** Returns the text of an item. */
export function renderItem(item: KickstartItem): string {
  if (item.kind !== "section") return item.text;
  return item.text + item.body.map(({ text }) => text).join("") + (item.end ?? "");
}

/** Renders a kickstart. A parsed one is reproduced byte for byte. */
export function renderKickstart(kickstart: Kickstart): string {
  return kickstart.items.map(renderItem).join("");
}

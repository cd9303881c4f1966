import { addElement, type EditedElement, elementOf, removeElement } from "../../lib/xml/edit.ts";

/** Title and description of a domain, which virsh and graphical tools show. */
export interface DomainTexts {
  /** One line. */
  readonly title?: string | undefined;
  readonly description?: string | undefined;
}

/** Fits into a column of a list; libvirt itself sets no limit. */
const MAX_TITLE_CHARACTERS = 100;
/** The limit of a descriptor. */
const MAX_DESCRIPTION_CHARACTERS = 65_536;

// Control characters, all kinds of line ends, bidirectional marks, and characters that XML does not allow.
const NOT_IN_LINE =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu;
const NOT_IN_BLOCK = /[^\t\n\P{Cc}]|[\p{Cs}\ufffe\uffff]/gu;

/** Shortens text to a number of characters; the last one is then an ellipsis. */
function cut(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}

function oneLine(text: string): string {
  return text.replaceAll(NOT_IN_LINE, " ").replaceAll(/\s+/g, " ").trim();
}

/** Returns the title and the description of a domain for a version of an appliance. */
export function domainTexts(
  version: Readonly<Record<"name" | "version" | "release" | "label", string>>,
  description: string | undefined,
): DomainTexts {
  const end = ` ${oneLine(version.version)}`;
  const label = oneLine(version.label) || oneLine(version.name);
  // The version distinguishes titles, so a long label is shortened before it.
  const title = `${cut(label, Math.max(1, MAX_TITLE_CHARACTERS - end.length))}${end}`;
  const text = (description ?? "").replaceAll(/\r\n?/g, "\n").replaceAll(NOT_IN_BLOCK, "").trim();
  const made = `${version.name} ${version.version}-${version.release}, made by virt-appliance`;
  return {
    title: cut(title, MAX_TITLE_CHARACTERS),
    description: cut(text === "" ? oneLine(made) : text, MAX_DESCRIPTION_CHARACTERS),
  };
}

const names = ["title", "description"] as const;

/** True for the same words; libvirt and editors may wrap and indent differently. */
export function isSameText(one: string | undefined, other: string | undefined): boolean {
  return one?.replaceAll(/\s+/g, " ").trim() === other?.replaceAll(/\s+/g, " ").trim();
}

/** Reads the texts of an element's children in a namespace. */
export function textsIn(parent: EditedElement | undefined, namespace: string): DomainTexts {
  const read = (name: string): string | undefined =>
    parent === undefined
      ? undefined
      : (elementOf(parent, name, namespace)?.textContent ?? undefined);
  return { title: read("title"), description: read("description") };
}

/**
 * Replaces the texts in a domain that were written earlier. A text that the administrator has changed, set or removed
 * since then is kept.
 *
 * @param before  the last written texts; undefined if none
 */
export function renewTexts(
  domain: EditedElement,
  texts: { readonly before: DomainTexts; readonly now: DomainTexts },
): void {
  for (const name of names) {
    const element = elementOf(domain, name);
    if (!isSameText(element?.textContent ?? undefined, texts.before[name])) continue;
    const text = texts.now[name];
    if (element === undefined) {
      if (text !== undefined) addElement(domain, { name, text }, elementOf(domain, "metadata"));
    } else if (text === undefined) removeElement(element);
    else if (!isSameText(element.textContent ?? undefined, text)) element.textContent = text;
  }
}

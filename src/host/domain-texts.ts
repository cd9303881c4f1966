import { addElement, elementOf, removeElement } from "../lib/xml-edit.ts";
import type { EditedElement } from "../lib/xml-edit.ts";

/** What a domain shows to people: virsh and graphical tools print it beside the name. */
export interface DomainTexts {
  /** One line. */
  readonly title?: string | undefined;
  readonly description?: string | undefined;
}

/** Columns of a list have room for some; libvirt itself sets no limit. */
const MAX_TITLE_CHARACTERS = 100;
/** As much as a descriptor can hold. */
const MAX_DESCRIPTION_CHARACTERS = 65_536;

// Control characters, ends of lines of all kinds, marks that turn the direction of writing, and what XML cannot hold.
const NOT_IN_LINE =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu;
const NOT_IN_BLOCK = /[^\t\n\P{Cc}]|[\p{Cs}\ufffe\uffff]/gu;

/** Returns text of at most so many characters, the last of them an ellipsis when some are left out. */
function cut(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}

function oneLine(text: string): string {
  return text.replaceAll(NOT_IN_LINE, " ").replaceAll(/\s+/g, " ").trim();
}

/** Returns the title and the description of a domain made from a version of an appliance. */
export function domainTexts(
  version: Readonly<Record<"name" | "version" | "release" | "label", string>>,
  description: string | undefined,
): DomainTexts {
  const end = ` ${oneLine(version.version)}`;
  const label = oneLine(version.label) || oneLine(version.name);
  // The version is what tells two of them apart: a long label is cut before it.
  const title = `${cut(label, Math.max(1, MAX_TITLE_CHARACTERS - end.length))}${end}`;
  const text = (description ?? "").replaceAll(/\r\n?/g, "\n").replaceAll(NOT_IN_BLOCK, "").trim();
  const made = `${version.name} ${version.version}-${version.release}, made by virt-appliance`;
  return {
    title: cut(title, MAX_TITLE_CHARACTERS),
    description: cut(text === "" ? oneLine(made) : text, MAX_DESCRIPTION_CHARACTERS),
  };
}

const names = ["title", "description"] as const;

/** True for the same words; libvirt and editors may break lines and indent anew. */
export function isSameText(one: string | undefined, other: string | undefined): boolean {
  return one?.replaceAll(/\s+/g, " ").trim() === other?.replaceAll(/\s+/g, " ").trim();
}

/** Reads the texts that an element has as children of a namespace. */
export function textsIn(parent: EditedElement | undefined, namespace: string): DomainTexts {
  const read = (name: string): string | undefined =>
    parent === undefined
      ? undefined
      : (elementOf(parent, name, namespace)?.textContent ?? undefined);
  return { title: read("title"), description: read("description") };
}

/**
 * Writes texts into a domain in place of those that were written before. One that the administrator has changed, set or
 * removed since then stays as it is.
 *
 * @param before  what was written last; undefined where nothing was
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

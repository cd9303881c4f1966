import path from "node:path";
import { countOf } from "../lib/count-of.ts";
import { ApplianceError } from "../errors.ts";
import type { FoundFile, XmlFile } from "./model.ts";

/** Largest descriptor that is read. */
export const MAX_DESCRIPTOR_BYTES: number = 1024 * 1024;

/** Maximum number of files in a message. */
const MOST_SHOWN = 10;

/** Returns whether a path can be the descriptor: an XML file at the top or one folder down. */
export function isDescriptorCandidate(relative: string): boolean {
  return /^([^/]+\/)?[^/]+\.xml$/i.test(relative);
}

/** Text that may precede the root element or the DOCTYPE: byte order mark, space, instructions, comments. */
const PROLOGUE = /^\uFEFF?(?:\s+|<\?[^]*?\?>|<!--[^]*?-->)*/;

/**
 * Returns the name of an XML document's root element, or undefined when there is none; a DOCTYPE names it as well. It
 * only tells descriptors from other files; the parser checks that the document is well-formed.
 */
function rootElementName(document: Buffer): string | undefined {
  const text = document.subarray(0, 64 * 1024).toString("utf8");
  const start = PROLOGUE.exec(text)?.[0].length ?? 0;
  return /^<(?:!DOCTYPE\s+)?([^\s/>[!?]{1,100})/i.exec(text.slice(start))?.[1];
}

/** Examines XML files one after the other, and keeps the content of at most one. */
export class XmlKeeper {
  #hasImage = false;

  keep(bytes: Buffer): XmlFile {
    const root = rootElementName(bytes);
    const isFirstImage = root === "image" && !this.#hasImage;
    this.#hasImage ||= isFirstImage;
    return { root, bytes: isFirstImage ? bytes : Buffer.alloc(0) };
  }
}

/** A file that was found to be XML. */
type FoundXml = FoundFile & { readonly xml: XmlFile };

/**
 * Returns the one descriptor among the files of a source: the XML file whose root element is `image`.
 *
 * @throws ApplianceError `SOURCE_NO_DESCRIPTOR`, `SOURCE_TWO_DESCRIPTORS` naming all that were found
 */
export function findDescriptor(files: readonly FoundFile[], origin: string): FoundXml {
  const candidates = files.flatMap((file): FoundXml[] =>
    file.xml === undefined ? [] : [{ ...file, xml: file.xml }],
  );
  const [descriptor, ...more] = candidates.filter(({ xml }) => xml.root === "image");
  if (descriptor !== undefined && more.length === 0) return descriptor;
  if (descriptor !== undefined) {
    const names = [descriptor, ...more].map((file) => file.path).sort();
    const shown = names.slice(0, MOST_SHOWN).join(", ");
    throw new ApplianceError(
      "SOURCE_TWO_DESCRIPTORS",
      `${origin}: ${countOf(names.length, "appliance descriptor")}, expected one: ${shown}`,
      { hint: "leave one of them in the source" },
    );
  }
  const seen = candidates
    .slice(0, MOST_SHOWN)
    .map(({ path: name, xml: { root } }) =>
      root === undefined ? `${name}: not XML` : `${name}: root element is <${root}>`,
    );
  const domain = candidates.find(({ xml }) => xml.root === "domain");
  throw new ApplianceError(
    "SOURCE_NO_DESCRIPTOR",
    `${origin}: no appliance descriptor, expected an XML file with the root element <image> at the top or one folder down`,
    {
      details: seen,
      hint:
        domain === undefined
          ? "write one with `virt-appliance init`"
          : `make one from the libvirt domain ${path.basename(domain.path)} with \`virt-appliance init\``,
    },
  );
}

import path from "node:path";
import { ApplianceError } from "../errors.ts";
import type { FoundFile } from "./model.ts";

/** Largest descriptor that is read. */
export const MAX_DESCRIPTOR_BYTES: number = 1024 * 1024;

/** Tells whether a path can be the descriptor's: an XML file at the top or one folder down. */
export function isDescriptorCandidate(relative: string): boolean {
  return /^([^/]+\/)?[^/]+\.xml$/i.test(relative);
}

/** What may stand before the root element or the DOCTYPE: byte order mark, space, instructions, comments. */
const PROLOGUE = /^\uFEFF?(?:\s+|<\?[^]*?\?>|<!--[^]*?-->)*/;

/**
 * Answers the name of an XML document's root element, or undefined when there is none; a DOCTYPE names it as well.
 * Only a first look, to tell descriptors from other files: the parser decides what is well-formed.
 */
export function rootElementName(document: Buffer): string | undefined {
  const text = document.subarray(0, 64 * 1024).toString("utf8");
  const start = PROLOGUE.exec(text)?.[0].length ?? 0;
  return /^<(?:!DOCTYPE\s+)?([^\s/>[!?]{1,100})/i.exec(text.slice(start))?.[1];
}

/**
 * Answers the one descriptor among the files of a source: the XML file whose root element is `image`.
 *
 * @throws ApplianceError `SOURCE_NO_DESCRIPTOR`, `SOURCE_TWO_DESCRIPTORS` naming all that were found
 */
export function findDescriptor(
  files: readonly FoundFile[],
  origin: string,
): FoundFile & { readonly descriptorBytes: Buffer } {
  const candidates = files.flatMap((file) =>
    file.descriptorBytes === undefined
      ? []
      : [
          {
            ...file,
            descriptorBytes: file.descriptorBytes,
            root: rootElementName(file.descriptorBytes),
          },
        ],
  );
  const [descriptor, second] = candidates.filter(({ root }) => root === "image");
  if (descriptor !== undefined && second === undefined) return descriptor;
  if (descriptor !== undefined) {
    const names = candidates.filter(({ root }) => root === "image").map((file) => file.path);
    throw new ApplianceError(
      "SOURCE_TWO_DESCRIPTORS",
      `${origin}: ${names.length} appliance descriptors, expected one: ${names.sort().join(", ")}`,
      { hint: "leave one of them in the source" },
    );
  }
  const seen = candidates.map(({ path: name, root }) =>
    root === undefined ? `${name}: not XML` : `${name}: root element is <${root}>`,
  );
  const domain = candidates.find(({ root }) => root === "domain");
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

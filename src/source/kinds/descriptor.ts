import { describeListing } from "../describe.ts";
import { listDescriptor } from "../list-directory.ts";
import type { SourceKind } from "./kind.ts";

/** True if a file is an XML document by its first bytes. A tar archive begins with the name of a member. */
export function isDocument(head: Buffer): boolean {
  return /^\uFEFF?\s*<[?!a-zA-Z]/.test(head.subarray(0, 64).toString("utf8"));
}

/** A descriptor beside its files, which are used in place; other files in its folder are ignored. */
export const descriptorKind: SourceKind = {
  name: "directory",
  called: "a descriptor",
  place: "folder",
  isSpooled: false,
  isMine: ({ isFile, head }) => isFile && isDocument(head),
  list: listDescriptor,
  open: listDescriptor,
  describe: describeListing,
};

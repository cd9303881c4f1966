import { describeListing } from "../describe.ts";
import { listDirectory } from "../list-directory.ts";
import type { SourceKind } from "./kind.ts";

/** A folder with a descriptor and its files, which are used in place. */
export const directoryKind: SourceKind = {
  name: "directory",
  called: "a folder",
  place: "folder",
  isSpooled: false,
  isMine: ({ isDirectory }) => isDirectory,
  list: (origin, { context, limits }) => listDirectory(origin, context, { limits }),
  open: (origin, { context, limits }) => listDirectory(origin, context, { limits }),
  describe: describeListing,
};

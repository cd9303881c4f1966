import { stat } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";
import { fileError } from "../lib/atomic.ts";
import { readHead } from "../lib/compress.ts";

/** What a path given as a source turns out to be. */
export type SourceShape = "directory" | "descriptor" | "archive";

/** Formats that are given by mistake, by their first bytes in hex. */
const foreign: readonly (readonly [RegExp, string])[] = [
  [/^504b0304/, "a zip archive"],
  [/^377abcaf/, "a 7z archive"],
  [/^edabeedb/, "an RPM package"],
  [/^514649fb/, "a qcow2 disk image"],
  [/^4b444d56/, "a VMDK disk image"],
];

/**
 * Returns what a source is: a folder, a descriptor beside its files, or an archive, told by content.
 *
 * @throws ApplianceError `SOURCE_UNKNOWN_FORMAT` when it is something else, `LIB_IO` when it is not there
 */
export async function classifySource(origin: string): Promise<SourceShape> {
  const stats = await stat(origin).catch((error: unknown) => {
    throw fileError(error, origin);
  });
  if (stats.isDirectory()) return "directory";
  const expected = "expected a folder, a tar archive or a descriptor";
  if (!stats.isFile()) {
    throw new ApplianceError("SOURCE_UNKNOWN_FORMAT", `${origin}: not a plain file, ${expected}`);
  }
  const head = await readHead(origin, 64);
  const hex = head.toString("hex");
  const known = foreign.find(([magic]) => magic.test(hex))?.[1];
  if (known !== undefined) {
    throw new ApplianceError("SOURCE_UNKNOWN_FORMAT", `${origin}: ${known}, ${expected}`);
  }
  // A tar archive begins with the name of a member: no letter of a document's "<?xml" or "<image" comes first there.
  return /^\uFEFF?\s*<[?!a-zA-Z]/.test(head.toString("utf8")) ? "descriptor" : "archive";
}

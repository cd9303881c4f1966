import { stat } from "node:fs/promises";
import { ApplianceError } from "../../errors.ts";
import { fileError } from "../../lib/atomic.ts";
import { readHead } from "../../lib/bytes/compress.ts";
import { archiveKind } from "./archive.ts";
import { descriptorKind } from "./descriptor.ts";
import { directoryKind } from "./directory.ts";
import type { SourceKind } from "./kind.ts";
import { mistakenFormat } from "./mistaken-format.ts";

/** Every kind of source. The first that recognises a path opens it. Archives accept every other file. */
const kinds: readonly SourceKind[] = [directoryKind, archiveKind, descriptorKind];

const HEAD_BYTES = 512;

/** Returns what a source can be, for messages: `a folder, a tar archive or a descriptor`. */
function expected(): string {
  const names = kinds.map(({ called }) => called);
  return `expected ${names.slice(0, -1).join(", ")} or ${names.at(-1) ?? ""}`;
}

/**
 * Returns the kind of a source, by its content.
 *
 * @throws ApplianceError `SOURCE_UNKNOWN_FORMAT` if no kind matches, `LIB_IO` if it does not exist
 */
export async function recogniseSource(origin: string): Promise<SourceKind> {
  const stats = await stat(origin).catch((error: unknown) => {
    throw fileError(error, origin);
  });
  const isFile = stats.isFile();
  const head = isFile ? await readHead(origin, HEAD_BYTES) : Buffer.alloc(0);
  const kind = kinds.find(({ isMine }) =>
    isMine({ isDirectory: stats.isDirectory(), isFile, head }),
  );
  if (kind !== undefined) return kind;
  const found = (isFile ? mistakenFormat(head) : undefined) ?? "not a plain file";
  throw new ApplianceError("SOURCE_UNKNOWN_FORMAT", `${origin}: ${found}, ${expected()}`);
}

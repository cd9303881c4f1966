import { examineFile } from "./examine-file.ts";
import { judgeHeader } from "./examine-header.ts";
import type { SoundHeader } from "./examine-header.ts";
import type { DiskFormat } from "../appliance/index.ts";

/** Header facts and what the file system says. */
export interface CheckedHeader extends SoundHeader {
  readonly fileSizeBytes: number;
  readonly allocatedBytes: number;
}

/**
 * Checks an image by its own bytes alone, before any program that would follow what it names may open it.
 *
 * @param subject  what messages call the image; its path unless told
 * @throws ApplianceError the first refusal's code, with the others as details
 */
export async function inspectHeader(
  file: string,
  format: DiskFormat,
  subject: string = file,
): Promise<CheckedHeader> {
  const examined = await examineFile(file, subject);
  const { sizeBytes: fileSizeBytes, allocatedBytes } = examined;
  return { ...judgeHeader(examined, format, subject), fileSizeBytes, allocatedBytes };
}

import { examineFile } from "./examine-file.ts";
import { judgeHeader, type SoundHeader } from "./examine-header.ts";
import type { DiskFormat } from "../appliance/index.ts";

/** Facts from the header and the file system. */
export interface CheckedHeader extends SoundHeader {
  readonly fileSizeBytes: number;
  readonly allocatedBytes: number;
}

/**
 * Checks an image by its own bytes only, before any program opens it that would open the files that it names.
 *
 * @param subject  name of the image in messages; default: its path
 * @throws ApplianceError with the code of the first refusal, and the others as details
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

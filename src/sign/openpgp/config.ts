import type { PartialConfig } from "openpgp";

/** Policy for every call: packagers' keys from before 2010 have no key flags, and rpm uses them anyway. */
export const config: PartialConfig = { allowMissingKeyFlags: true, s2kIterationCountByte: 255 };

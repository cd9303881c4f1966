import type { PartialConfig } from "openpgp";

/** Policy for every call: keys of packagers from before 2010 have no key flags, and rpm uses them all the same. */
export const config: PartialConfig = { allowMissingKeyFlags: true, s2kIterationCountByte: 255 };

import type { PackagePlan } from "../../package/index.ts";
import { encodeHeader } from "../format/header-encode.ts";
import { dependencyEntries } from "./dependency-entries.ts";
import { fileEntries } from "./file-entries.ts";
import type { LaidOutEntry, Layout } from "./layout.ts";
import { packageEntries } from "./package-entries.ts";
import { type PayloadDigests, payloadEntries } from "./payload-entries.ts";
import { scriptletEntries } from "./scriptlet-entries.ts";
import { triggerEntries } from "./trigger-entries.ts";

/** Facts that are only known once the payload is written. */
export interface MeasuredDigests extends PayloadDigests {
  /** SHA-256 of a regular file in lower-case hex. */
  readonly fileSha256: (laidOut: LaidOutEntry) => string;
}

const NO_DIGEST = "0".repeat(64);

/** Placeholder digests: a header with these has the size of the final one. */
export const placeholderDigests: MeasuredDigests = {
  fileSha256: () => NO_DIGEST,
  payloadSha256: NO_DIGEST,
  archiveSha256: NO_DIGEST,
};

/** Returns the main header of a planned package, which its digest and signatures cover. Pure. */
export function composeHeader(plan: PackagePlan, layout: Layout, digests: MeasuredDigests): Buffer {
  return encodeHeader("main", [
    ...packageEntries(plan),
    ...dependencyEntries(plan, layout),
    ...scriptletEntries(plan),
    ...triggerEntries(plan),
    ...fileEntries(layout, digests.fileSha256),
    ...payloadEntries(plan.payload, digests),
  ]);
}

import type { PackagePlan } from "../../package/index.ts";
import { encodeHeader } from "../format/header-encode.ts";
import { dependencyEntries } from "./dependency-entries.ts";
import { fileEntries } from "./file-entries.ts";
import type { LaidOutEntry, Layout } from "./layout.ts";
import { packageEntries } from "./package-entries.ts";
import { payloadHasher } from "./payload-digests.ts";
import { type MeasuredPayload, payloadEntries } from "./payload-entries.ts";
import { scriptletEntries } from "./scriptlet-entries.ts";
import { triggerEntries } from "./trigger-entries.ts";

/** Facts that are only known once the payload is written. */
export interface MeasuredDigests extends MeasuredPayload {
  /** SHA-256 of a regular file in lower-case hex. */
  readonly fileSha256: (laidOut: LaidOutEntry) => string;
}

/** Returns placeholders: a header with these has the size of the final one. */
export function placeholderDigests({ format }: Layout): MeasuredDigests {
  const digests = payloadHasher(format).finish();
  return {
    fileSha256: () => "0".repeat(64),
    stored: digests,
    archive: digests,
    payloadBytes: 0,
  };
}

/** Returns the main header of a planned package, which its digest and signatures cover. Pure. */
export function composeHeader(plan: PackagePlan, layout: Layout, digests: MeasuredDigests): Buffer {
  return encodeHeader("main", [
    ...packageEntries(plan, layout.format),
    ...dependencyEntries(plan, layout),
    ...scriptletEntries(plan),
    ...triggerEntries(plan),
    ...fileEntries(layout, digests.fileSha256),
    ...payloadEntries(plan.payload, layout, digests),
  ]);
}

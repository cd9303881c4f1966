import type { ChangelogEntry } from "../lib/parse-changelog.ts";
import type { PayloadCompression } from "./package-plan.ts";

/** What the builder decides about a package beyond the appliance itself. */
export interface PackageOptions {
  /** Instead of the descriptor's version. */
  readonly version?: string;
  /** Instead of the descriptor's release; `1` when neither says. */
  readonly release?: string;
  /** Parent of the payload folders; a place below /usr for image-mode hosts. */
  readonly payloadRoot?: string;
  /** Instead of the descriptor's packager. */
  readonly packager?: string;
  /** Instead of the descriptor's address. */
  readonly url?: string;
  /** Instead of the descriptor's changelog; the newest first. */
  readonly changelog?: readonly ChangelogEntry[];
  /** Instead of none for images, which are compressed in themselves, and gzip for recipes. */
  readonly payload?: PayloadCompression;
  /** Build time in Unix seconds when the descriptor has no date. */
  readonly buildTimeSeconds: number;
  /** SOURCE_DATE_EPOCH goes before the descriptor's date. */
  readonly sourceDateEpoch?: number;
}

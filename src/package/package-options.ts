import type { ChangelogEntry } from "../lib/parse-changelog.ts";
import type { PayloadCompression } from "./package-plan.ts";

/** The builder's options for a package. */
export interface PackageOptions {
  /** Overrides the descriptor's version. */
  readonly version?: string | undefined;
  /** Overrides the descriptor's release. Default without either: `1`. */
  readonly release?: string | undefined;
  /** Parent of the payload folders; a place below /usr for image-mode hosts. */
  readonly payloadRoot?: string | undefined;
  /** Overrides the descriptor's packager. */
  readonly packager?: string | undefined;
  /** Overrides the descriptor's URL. */
  readonly url?: string | undefined;
  /** Overrides the descriptor's changelog; newest entry first. */
  readonly changelog?: readonly ChangelogEntry[] | undefined;
  /** Default: none for images, which are already compressed, gzip for recipes. */
  readonly payload?: PayloadCompression | undefined;
  /** Build time in Unix seconds if the descriptor has no date. Default: now. */
  readonly buildTimeSeconds?: number | undefined;
  /** SOURCE_DATE_EPOCH; overrides the descriptor's date. */
  readonly sourceDateEpoch?: number | undefined;
}

/** The same, when the clock was read. */
export interface TimedPackageOptions extends PackageOptions {
  readonly buildTimeSeconds: number;
}

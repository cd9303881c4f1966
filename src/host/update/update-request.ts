import type { Verification } from "../steps/health.ts";

/** What an administrator asks of `update`. */
export interface UpdateRequest {
  /** VERSION or VERSION-RELEASE. Default: the newest that is installed. */
  readonly to?: string | undefined;
  /** How long a running VM may take to shut down. Default: a running VM is refused. */
  readonly stopSeconds?: number | undefined;
  /** Whether it runs afterwards. Default: `as-before`. A check needs it to run. */
  readonly start?: "yes" | "no" | "as-before" | undefined;
  readonly verify?: Verification | undefined;
  /** Device names of the VM's disks by their id in the version, where the VM does not show that; `none` for a new disk. */
  readonly disks?: Readonly<Record<string, string>> | undefined;
}

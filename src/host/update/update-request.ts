/** How it is found out whether an updated VM is well. */
export type HealthCheck =
  /** A line of shell ends with status 0; the name of the VM is in `VIRT_APPLIANCE_VM`. */
  | { readonly kind: "command"; readonly command: string }
  /** Somebody listens on a port: of the VM, unless a host is named. */
  | { readonly kind: "tcp"; readonly host: string | undefined; readonly port: number }
  /** A line on the console matches a regular expression. */
  | { readonly kind: "console"; readonly pattern: string }
  /** The guest agent answers. */
  | { readonly kind: "agent" };

/** A health check, and how long it is tried. */
export interface Verification {
  readonly check: HealthCheck;
  readonly timeoutSeconds: number;
}

/** What an administrator asks of `update`. */
export interface UpdateRequest {
  /** VERSION or VERSION-RELEASE. Default: the newest that is installed. */
  readonly to: string | undefined;
  /** How long a running VM may take to shut down; undefined: a running VM is refused. */
  readonly stopSeconds: number | undefined;
  /** Whether it runs afterwards; `as-before` unless a check needs it to run. */
  readonly start: "yes" | "no" | "as-before";
  readonly verify: Verification | undefined;
  /** Device names of the VM's disks by their id in the version, where the VM does not show that; `none` for a new disk. */
  readonly disks?: Readonly<Record<string, string>> | undefined;
}

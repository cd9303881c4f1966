/** Options of `export`. */
export interface ExportRequest {
  /** Absolute path of a missing or empty folder. */
  readonly folder: string;
  /** Name of the appliance. Default: derived from the name of the VM. */
  readonly name?: string | undefined;
  /** `stop`: asks a running VM to shut down, and waits for it. Default: `refuse`. */
  readonly running?: "stop" | "refuse" | undefined;
  /** Maximum time for the shutdown. Default: 120. */
  readonly stopSeconds?: number | undefined;
  /** True if a VM that was shut down is started again. Default: false. */
  readonly start?: boolean | undefined;
}

/** Options of `export`. */
export interface ExportRequest {
  /** Absolute path of a missing or empty folder. */
  readonly folder: string;
  /** Name of the appliance. Default: derived from the name of the VM. */
  readonly name: string | undefined;
  /** `stop`: asks a running VM to shut down, and waits for it. */
  readonly running: "stop" | "refuse";
  /** Maximum time for the shutdown. */
  readonly stopSeconds: number;
  /** True if a VM that was shut down is started again. */
  readonly start: boolean;
}

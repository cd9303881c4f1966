/** What an administrator asks of `export`. */
export interface ExportRequest {
  /** Absolute; missing or empty. */
  readonly folder: string;
  /** Name of the appliance that it becomes; made from the VM's unless told. */
  readonly name: string | undefined;
  /** `stop`: a running VM is asked to shut down, and waited for. */
  readonly running: "stop" | "refuse";
  /** How long it may take to shut down. */
  readonly stopSeconds: number;
  /** Whether a VM that was shut down is started again. */
  readonly start: boolean;
}

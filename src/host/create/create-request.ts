/** Options of `create`. */
export interface CreateRequest {
  /** NAME, NAME-VERSION or NAME-VERSION-RELEASE. */
  readonly appliance: string;
  /** Name of the new VM. */
  readonly vm: string;
  /** Default: the descriptor's. */
  readonly memoryMiB?: number | undefined;
  readonly vcpus?: number | undefined;
  /** In virt-install's syntax, one for each interface. Default: `default` for each interface of the descriptor. */
  readonly networks?: readonly string[] | undefined;
  /** Address of the first interface. */
  readonly mac?: string | undefined;
  /** In virt-install's syntax. */
  readonly graphics?: string | undefined;
  /** Index of the boot descriptor. Default: the first that matches the host. */
  readonly boot?: number | undefined;
  /** Hypervisor. Default: the best that the host lists. */
  readonly virtType?: string | undefined;
  /** Pool whose folder receives the disks. */
  readonly pool?: string | undefined;
  /** `overlay`: system disks are overlays on the base; `copy`: copies of it. Default: `overlay`. */
  readonly system?: "overlay" | "copy" | undefined;
  /** Whether the VM starts when the host boots. Default: false. */
  readonly autostart?: boolean | undefined;
  /** Whether it is started now. Default: true. */
  readonly start?: boolean | undefined;
  /** Values of parameters that the descriptor declares, by name. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** Further options of virt-install. */
  readonly extra?: readonly string[] | undefined;
}

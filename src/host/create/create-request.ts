/** What an administrator asks of `create`. */
export interface CreateRequest {
  /** NAME, NAME-VERSION or NAME-VERSION-RELEASE. */
  readonly appliance: string;
  /** Name of the new VM. */
  readonly vm: string;
  /** The descriptor's unless told. */
  readonly memoryMiB: number | undefined;
  readonly vcpus: number | undefined;
  /** As virt-install takes them, one for each interface; one `default` for each of the descriptor's unless told. */
  readonly networks: readonly string[];
  /** Address of the first interface. */
  readonly mac: string | undefined;
  /** As virt-install takes it. */
  readonly graphics: string | undefined;
  /** Index of the boot descriptor; the first that suits the host unless told. */
  readonly boot: number | undefined;
  /** Hypervisor; the best that the host lists unless told. */
  readonly virtType: string | undefined;
  /** Pool whose folder gets the disks. */
  readonly pool: string | undefined;
  /** `overlay`: system disks are differences to the base; `copy`: copies of it. */
  readonly system: "overlay" | "copy";
  readonly autostart: boolean;
  readonly start: boolean;
  /** Values of parameters that the descriptor declares, by name. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Further options of virt-install. */
  readonly extra: readonly string[];
}

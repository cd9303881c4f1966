/** `--connect` of commands that only query libvirt and do not open the host. */
export const libvirtOption = {
  type: "string",
  describe: "libvirt connection URI (default: virsh's)",
} as const;

/** `--connect` of commands that work on the host. */
export const connectOption = {
  type: "string",
  describe: "libvirt connection URI (default: LIBVIRT_URI of host.conf, else qemu:///system)",
} as const;

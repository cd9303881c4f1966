/** Programs and packages of a KVM host that the real root has, under the names that packages ask for. */
export const standInProvides: readonly string[] = [
  "/bin/sh",
  "/usr/bin/sh",
  "/bin/bash",
  "/usr/bin/bash",
  "/usr/bin/flock",
  "/usr/bin/node",
  "/usr/bin/qemu-img",
  "/usr/bin/virsh",
  "/usr/bin/virt-install",
  "/usr/bin/zstd",
  "bash",
  "coreutils",
  "diffutils",
  "filesystem",
  "findutils",
  "gawk",
  "grep",
  "gzip",
  "libosinfo",
  "libvirt-client",
  "libvirt-daemon",
  "libvirt-daemon-config-network",
  "libvirt-daemon-driver-qemu",
  "libvirt-daemon-driver-storage-core",
  "libvirt-daemon-kvm",
  "nodejs",
  "osinfo-db",
  "qemu-img",
  "qemu-kvm",
  "qemu-system-x86",
  "sed",
  "shadow-utils",
  "system-release = 12",
  "systemd",
  "util-linux",
  "virt-install",
  "xz",
  "zstd",
];

/**
 * Renders the spec of a package that represents the real root in the host's empty rpm database, so that dnf can
 * resolve what packages require.
 *
 * @param provides  beyond {@link standInProvides}
 */
export function renderStandInSpec(provides: readonly string[]): string {
  return [
    "Name: debian-stand-in",
    "Version: 12",
    "Release: 1",
    "Summary: What the real root of a simulated host provides",
    "License: Apache-2.0",
    "BuildArch: noarch",
    "AutoReqProv: no",
    ...[...standInProvides, ...provides].map((name) => `Provides: ${name}`),
    "",
    "%description",
    "Stands for the programs of the real root, which came from another package manager.",
    "",
    "%files",
    "",
  ].join("\n");
}

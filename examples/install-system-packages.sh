#!/bin/sh
# Installs the Debian packages that tests and demo use. When all are installed, it ends at once.
# usage: install-system-packages.sh [--slow] [--list]
# --slow: what only the slow chapters use, too.
set -eu

# Package, then what it is for.
packages='
bzip2               unpacks .bz2 appliances
busybox-static      system log of the simulated host
cloud-init          tests: reads the settings of a VM as it does in the guest
cpio                packs the example appliance'"'"'s initramfs
createrepo-c        tests: repository metadata is compared with its own
curl                tests: continues a download from our server
debootstrap         makes the system that the example installer tree installs
dnf                 demo and tests: installs from the repository
dosfstools          makes the boot partition of the example appliance
e2fsprogs           tests: debugfs reads what an installer left on a disk
eatmydata           bench: the tools and virt-appliance do not wait for the disk
fdisk               tests: sfdisk reads partition tables
gnupg               dnf verifies signed repository metadata with it
libosinfo-bin       tests: osinfo-query sees the appliances
libvirt-clients     virsh
libvirt-daemon-system  libvirtd, which runs the VMs of demo and tests
libxml2-utils       tests: xmllint validates descriptors
man-db              tests: man reads our manual page
mtools              fills the boot partition of the example appliance
openssl             bench: digests a file
osinfo-db           operating systems that virt-install knows
ovmf                tests: a VM with UEFI keeps the variables of its firmware
puppet              tests: modules of recipes are validated, values looked up and applied; brings ruby
python3             tests: kickstart lines are split as installers do, with shlex
qemu-system-x86     runs the VMs of demo and tests
qemu-utils          qemu-img converts disks
rpm                 tests: rpm, rpmbuild and rpmkeys read and make packages
rpmlint             tests: its findings about our packages are checked
shellcheck          checks the shell scripts
strace              tests: which files a command opens
swtpm               tests: a VM keeps its emulated TPM
swtpm-tools         makes the TPM of a VM
syslinux            boot loader of the example appliance
syslinux-common     its first-sector boot code
virtinst            virt-install, which makes the VMs
xz-utils            unpacks .xz appliances
zstd                compresses and expands disks
zypper              tests: reads our repositories too
'

slow_packages='
chromium-headless-shell  uses the web calendar of examples/kronolith as people do
'

if [ "${1:-}" = --slow ]; then
  packages="$packages$slow_packages"
  shift
fi
if [ "${1:-}" = --list ]; then
  echo "$packages" | sed '/^$/d'
  exit 0
fi

if ! command -v dpkg-query >/dev/null; then
  echo "install-system-packages.sh: no dpkg here; this script knows Debian 12 only" >&2
  exit 4
fi

missing=
for package in $(echo "$packages" | awk 'NF { print $1 }'); do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
# The example appliance downloads its kernel with apt-get, which needs the package lists.
if [ -z "$missing" ] && apt-cache show linux-image-cloud-amd64 >/dev/null 2>&1; then exit 0; fi

if [ "$(id -u)" -ne 0 ]; then
  echo "install-system-packages.sh: not root; run as root: apt-get update && apt-get install$missing" >&2
  exit 4
fi

echo "installing system packages:${missing:- (package lists only)}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Quiet unless it fails; daemons of the packages are left to the machine's own policy.
install_all() {
  apt-get update -q &&
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}
# shellcheck disable=SC2086 # names of packages, one word each
if ! { [ -z "$missing" ] && apt-get update -q || install_all $missing; } </dev/null >"$log" 2>&1; then
  tail -n 40 "$log" >&2
  echo "install-system-packages.sh: apt-get ended with an error, see above" >&2
  exit 1
fi

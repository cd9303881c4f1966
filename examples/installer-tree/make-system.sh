#!/bin/sh
# Makes the parts of an installer tree from Debian packages, as root, in a separate mount namespace.
# usage: make-system.sh base   MIRROR OUT.tar.zst
#        make-system.sh add    SYSTEM.tar.zst OUT.tar.zst PACKAGE...
#        make-system.sh offer  SYSTEM.tar.zst OUT-FOLDER PACKAGE...
#        make-system.sh shrink SYSTEM.tar.zst OUT.tar.zst
#        make-system.sh tools  SYSTEM.tar.zst OUT-FOLDER
# base: a small Debian that boots from a disk. add: the same with more packages. offer: a folder of .deb files, with
# all that they need beyond the system, and their index. shrink: without what only a builder needs. tools: programs of
# the system that the installer runs, with their libraries.
# The parent folder of OUT holds the work, which is removed.
set -eu

# Mounts, and processes in the chroot, end with this script, even when it is killed.
if [ "${1:-}" != --inside ]; then
  exec unshare --mount --pid --fork --kill-child "$0" --inside "$@"
fi
shift
mount --make-rprivate /

SUITE=bookworm
# What a system needs to boot from its disk, to have a network, and to be put there by the installer.
BASE_PACKAGES=linux-image-cloud-amd64,initramfs-tools,systemd-sysv,udev,dbus,kmod,iproute2,fdisk,e2fsprogs,extlinux,zstd
# Modules that the initramfs of the system loads: few, so that an emulated machine boots quickly.
BOOT_MODULES='virtio_pci virtio_blk virtio_scsi virtio_net ata_piix ahci sd_mod ext4'

# Programs that busybox lacks, or has in a weaker form.
TOOLS='sbin/sfdisk sbin/blkid sbin/mkswap sbin/mkfs.ext2 sbin/mkfs.ext3 sbin/mkfs.ext4 bin/extlinux bin/zstd bin/tar'

open_work() {
  work=$(mktemp -d "$(dirname "$1")/system-XXXXXX")
  trap 'umount -l "$work/proc" 2>/dev/null || true; rm -rf "$work" "$work".*' EXIT
  trap 'exit 130' HUP INT TERM
}

unpack() { zstd -dcq "$1" | tar -x -C "$work" --numeric-owner --xattrs --xattrs-include='*'; }

# Renamed last, so that OUT is always complete.
pack() {
  tar -c -C "$work" --one-file-system --sort=name --numeric-owner --xattrs --xattrs-include='*' . |
    zstd -q -T0 -6 -o "$work.part"
  mv "$work.part" "$1"
}

inside() { chroot "$work" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"; }

open_chroot() {
  mount -t proc proc "$work/proc"
  cp /etc/resolv.conf "$work/etc/resolv.conf"
  # No service is started here: invoke-rc.d asks this program.
  printf '#!/bin/sh\nexit 101\n' >"$work/usr/sbin/policy-rc.d"
  chmod 755 "$work/usr/sbin/policy-rc.d"
}

close_chroot() {
  rm -f "$work/usr/sbin/policy-rc.d" "$work/etc/resolv.conf"
  umount "$work/proc"
}

make_base() {
  debootstrap --variant=minbase --include="$BASE_PACKAGES" "$SUITE" "$work" "$1"
  open_chroot
  echo 'MODULES=list' >"$work/etc/initramfs-tools/conf.d/modules"
  for module in $BOOT_MODULES; do echo "$module"; done >>"$work/etc/initramfs-tools/modules"
  inside update-initramfs -u
  inside apt-get clean
  inside systemctl enable systemd-networkd
  : >"$work/etc/machine-id"
  close_chroot
}

add_packages() {
  open_chroot
  inside apt-get update -q
  inside apt-get install -q -y --no-install-recommends "$@"
  inside apt-get clean
  : >"$work/etc/machine-id"
  close_chroot
}

# A flat repository: the files, and an index of them.
offer_packages() {
  out=$1
  shift
  open_chroot
  inside apt-get update -q
  inside apt-get install -q -y --no-install-recommends --download-only "$@"
  close_chroot
  mkdir "$work.packages"
  for deb in "$work"/var/cache/apt/archives/*.deb; do
    [ -e "$deb" ] || continue
    name=$(basename "$deb" | sed 's/%3a/:/')
    mv "$deb" "$work.packages/$name"
    deb=$work.packages/$name
    dpkg-deb -f "$deb"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$name" "$(stat -c %s "$deb")" \
      "$(sha256sum <"$deb" | cut -d ' ' -f 1)"
  done >"$work.index"
  mv "$work.index" "$work.packages/Packages"
  mv "$work.packages" "$out"
}

copy_tools() {
  mkdir "$work.tools"
  for tool in $TOOLS; do
    # The loader is named without an arrow.
    inside ldd "/usr/$tool" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p' >>"$work.list"
    echo "/usr/$tool" >>"$work.list"
  done
  sort -u "$work.list" | while read -r file; do
    install -D -m 755 "$work$file" "$work.tools$file"
  done
  install -D -m 644 "$work/etc/mke2fs.conf" "$work.tools/etc/mke2fs.conf"
  rm "$work.list"
  mv "$work.tools" "$1"
}

action=$1
shift
case $action in
  base)
    open_work "$2"
    make_base "$1"
    pack "$2"
    ;;
  add)
    from=$1 out=$2
    shift 2
    open_work "$out"
    unpack "$from"
    add_packages "$@"
    pack "$out"
    ;;
  offer)
    from=$1 out=$2
    shift 2
    open_work "$out"
    unpack "$from"
    offer_packages "$out" "$@"
    ;;
  shrink)
    open_work "$2"
    unpack "$1"
    rm -rf "$work"/usr/share/doc/* "$work"/usr/share/man/* "$work"/usr/share/locale/* "$work"/usr/share/info/* \
      "$work"/var/lib/apt/lists/* "$work"/var/cache/apt/*.bin "$work"/var/log/*.log "$work"/var/cache/debconf/*-old
    pack "$2"
    ;;
  tools)
    open_work "$2"
    unpack "$1"
    copy_tools "$2"
    ;;
  *)
    echo "make-system.sh: unknown action $action" >&2
    exit 2
    ;;
esac

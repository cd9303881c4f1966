#!/bin/sh
# shellcheck disable=SC2034,SC2154 # the parts that install.sh sources share their variables
# Puts the system on the disks: the prepared one of the tree, packages, fstab, boot loader. Sourced.

# The tree is where `url` says, or else inst.repo=; `liveimg` names a prepared system itself.
find_tree() {
  [ -n "$tree_url" ] || tree_url=$(boot_option inst.repo)
  tree_url=${tree_url%/}
  [ -n "$image_url" ] || image_url=${tree_url:+$tree_url/system.tar.zst}
  [ -n "$image_url" ] || fail 'neither url nor liveimg nor inst.repo= says where the system comes from'
  wget -q --spider "$image_url" || fail "$image_url: cannot be reached; nothing was changed"
}

unpack_system() {
  say "unpacking $image_url"
  wget -q -O - "$image_url" | zstd -dcq | /usr/bin/tar -x -C "$SYSTEM" --numeric-owner --xattrs --xattrs-include='*' ||
    fail "$image_url: it cannot be unpacked"
  # The archive was made in a folder that only root could enter; here, services must enter it too.
  chmod 755 "$SYSTEM"
  [ -x "$SYSTEM/usr/bin/dpkg" ] || fail "$image_url: holds no Debian system"
}

open_chroot() {
  for name in dev proc sys; do
    mkdir -p "$SYSTEM/$name"
    mount -o bind "/$name" "$SYSTEM/$name" || fail "/$name: cannot be mounted in the system"
  done
  mkdir -p "$SYSTEM/dev/pts"
  mount -t devpts devpts "$SYSTEM/dev/pts" 2>/dev/null || true
  cp /etc/resolv.conf "$SYSTEM/etc/resolv.conf" 2>/dev/null || : >"$SYSTEM/etc/resolv.conf"
  # No service is started while the system is installed: invoke-rc.d asks this program.
  printf '#!/bin/sh\nexit 101\n' >"$SYSTEM/usr/sbin/policy-rc.d"
  chmod 755 "$SYSTEM/usr/sbin/policy-rc.d"
}

close_chroot() {
  rm -f "$SYSTEM/usr/sbin/policy-rc.d" "$SYSTEM/etc/apt/sources.list.d/installer.list"
  sync
  for name in dev/pts dev proc sys; do umount "$SYSTEM/$name" 2>/dev/null; done
  sort -r "$KS/plan" | while IFS=$FS read -r mount _; do
    case $mount in /*) umount "$SYSTEM$mount" || warn "$mount: still in use" ;; esac
  done
}

inside() {
  chroot "$SYSTEM" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C \
    DEBIAN_FRONTEND=noninteractive "$@"
}

write_fstab() { cp "$KS/fstab" "$SYSTEM/etc/fstab"; }

# Kernel and initramfs are named as Debian names them; paths are relative to the configuration.
install_boot_loader() {
  boot=$SYSTEM/boot folder=$SYSTEM/boot/extlinux
  version=$(cd "$SYSTEM/lib/modules" && echo [0-9]*)
  [ -f "$boot/vmlinuz-$version" ] || fail "/boot: there is no kernel $version"
  root_uuid=$(awk '$2 == "/" { print $1 }' "$KS/fstab")
  # The console of the installer is the console of the system.
  consoles=$(tr ' ' '\n' </proc/cmdline | grep '^console=' | tr '\n' ' ')
  mkdir -p "$folder"
  {
    case $consoles in *ttyS0*) echo 'SERIAL 0 115200' ;; esac
    printf '%s\n' 'DEFAULT system' 'PROMPT 0' "TIMEOUT $((boot_timeout * 10))" 'LABEL system'
    printf '  %s\n' "LINUX ../vmlinuz-$version" "INITRD ../initrd.img-$version"
    printf '  %s\n' "APPEND root=$root_uuid ro $consoles$append"
  } >"$folder/extlinux.conf"
  extlinux --install "$folder" >/dev/null 2>&1 || fail 'extlinux ended with an error'
  disk=${boot_drive:-$(boot_disk)}
  dd "if=$SYSTEM/usr/lib/EXTLINUX/gptmbr.bin" "of=/dev/$disk" bs=440 count=1 conv=notrunc 2>/dev/null ||
    fail "$disk: the boot code cannot be written"
  say "boots from $disk: $version"
}

boot_disk() { awk -F "$FS" -v "mount=$(boot_mount)" '$1 == mount { sub(/[0-9]+$/, "", $2); print $2 }' "$KS/plan"; }

is_installed() {
  # shellcheck disable=SC2016 # dpkg-query's own
  [ "$(inside dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

install_packages() {
  wanted=''
  for package in $packages; do
    is_installed "$package" || wanted="$wanted $package"
  done
  unwanted=''
  for package in $excluded; do
    if is_installed "$package"; then unwanted="$unwanted $package"; fi
  done
  if [ -n "$wanted" ]; then add_packages; fi
  # shellcheck disable=SC2086 # names, one word each
  [ -z "$unwanted" ] || inside apt-get purge -q -y $unwanted || fail "packages cannot be removed:$unwanted"
}

add_packages() {
  say "packages to install:$wanted"
  {
    [ -z "$tree_url" ] || echo "deb [trusted=yes] $tree_url/packages ./"
    while read -r address; do echo "deb [trusted=yes] $address ./"; done <"$KS/repos"
  } >"$SYSTEM/etc/apt/sources.list.d/installer.list"
  apt_get='apt-get -q -o Dir::Etc::sourcelist=sources.list.d/installer.list -o Dir::Etc::sourceparts=-
    -o Acquire::Languages=none -o APT::Sandbox::User=root -o Dpkg::Options::=--force-unsafe-io'
  # shellcheck disable=SC2086 # options, one word each
  inside $apt_get update || fail 'apt-get update ended with an error'
  known=''
  for package in $wanted; do
    if inside apt-cache show "$package" >/dev/null 2>&1; then
      known="$known $package"
    elif [ -n "$ignore_missing" ]; then
      warn "package $package is not in the tree"
    else
      fail "package $package is not in the tree"
    fi
  done
  # shellcheck disable=SC2086 # options and names, one word each
  inside $apt_get install -y --no-install-recommends $known </dev/null || fail "packages cannot be installed:$known"
}

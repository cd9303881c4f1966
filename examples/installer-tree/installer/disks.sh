#!/bin/sh
# shellcheck disable=SC2034,SC2154 # the parts that install.sh sources share their variables
# Partitions disks as the kickstart says: first it plans everything, then it changes the disks. Sourced.

# Kept free at the beginning and at the end of a disk, for its partition table.
TABLE_MIB=2

is_usable() {
  [ -e "/sys/block/$1" ] || return 1
  [ -z "$only_use" ] || has_word "$only_use" "$1" || return 1
  ! has_word "$not_use" "$1"
}

# Disks that may be used, in the order of their names.
list_disks() {
  for block in /sys/block/[vs]d[a-z]; do
    name=${block##*/}
    if is_usable "$name"; then echo "$name"; fi
  done
}

is_cleared() {
  [ "$clear_mode" = all ] || return 1
  [ -z "$clear_drives" ] || has_word "$clear_drives" "$1"
}

# The kernel is still probing for disks.
wait_for_disks() {
  tries=0
  while [ -z "$(list_disks)" ] && [ "$tries" -lt 50 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
}

# Leaves $KS/plan (a line for each file system) and $KS/table-DISK (what sfdisk reads).
plan_disks() {
  wait_for_disks
  disks=$(list_disks)
  say "disks: $(echo "$disks" | tr '\n' ' ')"
  : >"$KS/plan"
  for disk in $clear_drives $only_use; do
    [ -e "/sys/block/$disk" ] || fail "$disk: the kickstart names this disk, and it is not there"
  done
  while IFS=$FS read -r mount disk size grow maximum fstype existing keep label fsoptions origin; do
    [ -n "$existing" ] || plan_new_part
    [ -z "$existing" ] || [ -b "/dev/$existing" ] || fail "$origin: $existing is not there"
    if [ "$mount" != swap ] && grep -q "^$mount$FS" "$KS/plan"; then
      fail "$origin: $mount is said twice"
    fi
    [ -z "$existing" ] || node=$existing
    printf '%s\037' "$mount" "$node" "$fstype" "$keep" "$label" "$fsoptions" >>"$KS/plan"
    cat /proc/sys/kernel/random/uuid >>"$KS/plan"
  done <"$KS/parts"
  grep -q "^/$FS" "$KS/plan" || fail 'no part is mounted at /; nothing was changed'
  for disk in $disks; do
    [ ! -e "$KS/wanted-$disk" ] || plan_table
  done
  LC_ALL=C sort -o "$KS/plan" "$KS/plan"
}

plan_new_part() {
  [ -n "$disk" ] || disk=$(echo "$disks" | head -n 1)
  is_usable "$disk" || fail "$origin: disk $disk is not there, or not to be used; nothing was changed"
  if ! is_cleared "$disk" && [ -n "$(/usr/sbin/blkid "/dev/$disk")" ]; then
    fail "$origin: $disk holds something, and the kickstart does not clear it; nothing was changed"
  fi
  if ! is_cleared "$disk" && [ -z "$zero_mbr$init_label" ]; then
    warn "$origin: $disk is empty, and nothing says zerombr or --initlabel; taken as said"
  fi
  echo "$size$FS$grow$FS$maximum$FS$fstype$FS$mount" >>"$KS/wanted-$disk"
  node=$disk$(grep -c '' "$KS/wanted-$disk")
}

# The rest of a disk is shared by the partitions that grow, up to their maximum.
plan_table() {
  total=$(($(cat "/sys/block/$disk/size") / 2048 - TABLE_MIB))
  fixed=0 growing=0
  while IFS=$FS read -r size grow maximum _; do
    fixed=$((fixed + size))
    [ -z "$grow" ] || growing=$((growing + 1))
  done <"$KS/wanted-$disk"
  [ "$fixed" -le "$total" ] ||
    fail "$disk: its partitions want $fixed MiB, and it has $total; nothing was changed"
  rest=$((total - fixed))
  echo 'label: gpt' >"$KS/table-$disk"
  while IFS=$FS read -r size grow maximum fstype mount; do
    if [ -n "$grow" ]; then
      more=$((rest / growing))
      [ -z "$maximum" ] || [ "$((size + more))" -le "$maximum" ] || more=$((maximum - size))
      size=$((size + more)) rest=$((rest - more)) growing=$((growing - 1))
    fi
    case $fstype in
      swap) type=swap ;;
      biosboot) type=21686148-6449-6E6F-744E-656564454649 ;;
      *) type=linux ;;
    esac
    flag=
    [ "$mount" != "$(boot_mount)" ] || flag=', attrs="LegacyBIOSBootable"'
    echo "size=${size}MiB, type=$type$flag" >>"$KS/table-$disk"
  done <"$KS/wanted-$disk"
}

# Where kernel and boot loader are.
boot_mount() { if grep -q "^/boot$FS" "$KS/plan"; then echo /boot; else echo /; fi; }

apply_disks() {
  for disk in $disks; do
    if [ -e "$KS/table-$disk" ]; then
      say "partitions of $disk: $(grep -c '^size' "$KS/table-$disk")"
      sfdisk -q --wipe always --wipe-partitions always "/dev/$disk" <"$KS/table-$disk" ||
        fail "$disk: sfdisk ended with an error"
    elif is_cleared "$disk"; then
      echo 'label: gpt' | sfdisk -q --wipe always "/dev/$disk" || fail "$disk: sfdisk ended with an error"
    fi
  done
  : >"$KS/fstab"
  while IFS=$FS read -r mount node fstype keep label fsoptions uuid; do
    apply_part
  done <"$KS/plan"
}

apply_part() {
  tries=0
  until [ -b "/dev/$node" ] || [ "$tries" -ge 50 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
  [ -b "/dev/$node" ] || fail "$node: the partition does not come up"
  if [ -n "$keep" ]; then
    uuid=$(/usr/sbin/blkid -s UUID -o value "/dev/$node")
    say "$node: kept as it is, for $mount"
  else
    say "$node: $fstype for $mount"
    make_file_system || fail "$node: it cannot be formatted"
  fi
  case $fstype in
    swap) echo "UUID=$uuid none swap ${fsoptions:-defaults} 0 0" >>"$KS/fstab" ;;
    biosboot) ;;
    *)
      pass=2
      [ "$mount" != / ] || pass=1
      echo "UUID=$uuid $mount $fstype ${fsoptions:-defaults} 0 $pass" >>"$KS/fstab"
      mkdir -p "$SYSTEM$mount"
      mount -t "$fstype" "/dev/$node" "$SYSTEM$mount" || fail "$node: it cannot be mounted at $mount"
      ;;
  esac
}

make_file_system() {
  case $fstype in
    biosboot) ;;
    swap) /usr/sbin/mkswap -U "$uuid" ${label:+-L "$label"} "/dev/$node" >/dev/null ;;
    # Without 64bit: the boot loader reads this file system.
    *) "mkfs.$fstype" -q -F -O '^64bit' -U "$uuid" ${label:+-L "$label"} "/dev/$node" ;;
  esac
}

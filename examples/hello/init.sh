#!/bin/busybox sh
# shellcheck shell=dash
# The whole appliance: finds its disks, counts its boots on the data disk, prints the count on the console, powers off.

/bin/busybox mkdir -p /proc /sys /dev /tmp
/bin/busybox mount -t devtmpfs devtmpfs /dev
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
exec </dev/console >/dev/console 2>&1
export PATH=/bin
/bin/busybox --install -s /bin

while read -r module; do
  insmod "/modules/$module" || echo "module $module was not loaded"
done </modules/order

# The kernel is still probing the bus: wait for the disks, and stop as soon as there are two.
tries=0
while [ "$tries" -lt 20 ]; do
  set -- /sys/block/[vsh]d[a-z]
  [ $# -lt 2 ] || break
  usleep 100000
  tries=$((tries + 1))
done

# Disks are recognised by their content, never by their order or their bus.
first_word() { dd if="$1" bs=16 count=1 2>/dev/null | tr -d '\0' | sed -n 1p; }
is_system() { [ "$(dd if="$1" bs=1 skip=510 count=2 2>/dev/null | hexdump -e '2/1 "%02x"')" = 55aa ]; }
is_seed() { [ "$(dd if="$1" bs=1 skip=32808 count=6 2>/dev/null)" = cidata ]; }
is_blank() { [ "$(dd if="$1" bs=4096 count=1 2>/dev/null | tr -d '\0' | wc -c)" = 0 ]; }

data='' scratch='' blank=''
for block in /sys/block/[vsh]d[a-z]; do
  disk="/dev/${block##*/}"
  [ -b "$disk" ] || continue
  case "$(first_word "$disk")" in
    HELLO-DATA) data="$disk" ;;
    HELLO-SCRATCH) scratch="$disk" ;;
    *) if ! is_system "$disk" && ! is_seed "$disk" && is_blank "$disk"; then blank="$blank $disk"; fi ;;
  esac
done

# An empty disk becomes the data disk if there is none yet, the next one the scratch disk.
for disk in $blank; do
  if [ -z "$data" ]; then data="$disk"; elif [ -z "$scratch" ]; then scratch="$disk"; fi
done

# Writes one sector: the label, then a line of content.
write_sector() { printf '%s\n%s\n' "$2" "$3" | dd of="$1" bs=512 count=1 conv=sync,fsync 2>/dev/null; }

if [ "$(cat /etc/appliance-health)" = hangs ]; then
  echo 'this version never comes up'
  while :; do sleep 60; done
fi

version="$(cat /etc/appliance-version)"
kept=''
boots=0
if [ -n "$data" ]; then
  boots="$(dd if="$data" bs=512 count=1 2>/dev/null | tr -d '\0' | sed -n 2p)"
  boots=$((${boots:-0} + 1))
  write_sector "$data" HELLO-DATA "$boots"
else
  boots=1
  kept=' (no data disk to keep the count)'
fi
if [ -n "$scratch" ]; then write_sector "$scratch" HELLO-SCRATCH "boot $boots"; fi

echo
echo "hello-appliance $version boot $boots$kept"

# With a driver for ISO images, it prints the parameters of the image with the label cidata, on whichever disk it is.
if grep -q '^isofs' /modules/order; then
  mkdir /seed
  tries=0
  seed=''
  while [ -z "$seed" ] && [ "$tries" -lt 20 ]; do
    for block in /sys/block/[vsh]d[a-z] /sys/block/sr[0-9]; do
      disk="/dev/${block##*/}"
      if [ -b "$disk" ] && is_seed "$disk"; then seed="$disk"; fi
    done
    [ -n "$seed" ] || usleep 100000
    tries=$((tries + 1))
  done
  mount -t iso9660 -o ro "$seed" /seed
  echo "parameters are on $seed"
  for file in /seed/*; do sed "s|^|${file##*/}: |" "$file"; done
fi
sync
poweroff -f

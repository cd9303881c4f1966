#!/bin/busybox sh
# shellcheck shell=dash
# An installer that does the least: shows its kickstart, makes the first disk say something when it is booted, ends.

/bin/busybox mkdir -p /proc /sys /dev /tmp
/bin/busybox mount -t devtmpfs devtmpfs /dev
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
exec </dev/console >/dev/console 2>&1
export PATH=/bin
/bin/busybox --install -s /bin

while read -r module; do insmod "/modules/$module"; done </modules/order

cmdline="$(cat /proc/cmdline)"
kickstart="$(printf '%s\n' "$cmdline" | tr ' ' '\n' | sed -n 's|^inst.ks=file:||p')"
echo "arguments: $cmdline"
ls -ln "$kickstart"
echo "-- kickstart"
cat "$kickstart"
echo "-- end of the kickstart"

case "$cmdline" in
  *small.hang*) while :; do sleep 60; done ;;
  *small.fail*) echo "this cannot be installed"; poweroff -f ;;
esac

tries=0
until [ -b /dev/vdb ] || [ "$tries" -ge 50 ]; do
  usleep 100000
  tries=$((tries + 1))
done
for disk in vda vdb; do echo "$disk has $(cat "/sys/block/$disk/size") sectors"; done

# Boot code that writes what stands behind it to the first serial port, and halts.
{
  printf '\061\300\216\330\276\027\174\272\370\003\254\204\300\164\003\356\353\370\364\353\375\220\220'
  printf 'small: booted from the disk\r\n\000'
} >/tmp/sector
truncate -s 510 /tmp/sector
printf '\125\252' >>/tmp/sector
dd if=/tmp/sector of=/dev/vda bs=512 count=1 conv=fsync 2>/dev/null
echo "virt-appliance: the installation is complete"
sync
case "$cmdline" in
  *small.reboot*) reboot -f ;;
  *) poweroff -f ;;
esac

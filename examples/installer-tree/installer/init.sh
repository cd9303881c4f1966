#!/bin/busybox sh
# shellcheck shell=dash
# First process of the installer: prepares what install.sh needs, runs it, then reboots or powers off as it asks.

/bin/busybox mkdir -p /proc /sys /dev /run /tmp /mnt/sysimage
/bin/busybox mount -t devtmpfs devtmpfs /dev
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
exec </dev/console >/dev/console 2>&1
# Debian's programs are in /usr. Those that busybox has too are called by their path, else busybox runs its own.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/ LC_ALL=C
/bin/busybox --install -s /bin
echo 1 >/proc/sys/kernel/printk

while read -r module; do
  insmod "/modules/$module" || echo "installer: warning: module $module was not loaded"
done </modules/order

/installer/install.sh
status=$?
sync
if [ "$status" -ne 0 ]; then
  # As Anaconda does: the machine powers off, unless inst.nokill keeps it running for a look at the console.
  grep -q -w inst.nokill /proc/cmdline || poweroff -f
  echo 'installer: waiting; nobody is here to answer'
  while :; do sleep 3600; done
fi
ending=$(cat /run/ks/ending 2>/dev/null)
echo "installer: done: ${ending:-halt}"
umount -r -a 2>/dev/null
case $ending in
  reboot) reboot -f ;;
  poweroff | shutdown) poweroff -f ;;
  *) halt -f ;;
esac

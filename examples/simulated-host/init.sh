#!/bin/sh
# First process of a simulated host, started by unshare in new mount, PID, IPC and UTS namespaces.
# usage: init.sh STATE TMPFS_SIZE LOWER [OUTSIDE INSIDE]...
# Mounts a throw-away copy of LOWER, the real root, below STATE, makes the OUTSIDE folders readable at INSIDE, prints
# two lines (its process id as seen from outside; "ready"), and runs until standard input is closed.
# The kernel then ends all processes of the namespace and removes its mounts.
set -eu

read -r pid _rest </proc/self/stat
echo "$pid"

state=$1 size=$2 lower=$3
shift 3
mount --make-rprivate /
# The upper layer must be another file system than the lower one, or the kernel refuses the overlap.
mount -t tmpfs -o "mode=755,size=$size" simulated-host "$state"
mkdir "$state/upper" "$state/work" "$state/root"
mount -t overlay -o "lowerdir=$lower,upperdir=$state/upper,workdir=$state/work" simulated-host "$state/root"
root=$state/root

mount -t proc proc "$root/proc"
# No cgroup file system below it: libvirt then makes no groups, which would be visible outside.
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mkdir -p "$root/run/lock"
chmod 1777 "$root/run/lock"

mount -t tmpfs -o mode=755 dev "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
for node in null zero full random urandom tty; do
  [ -c "/dev/$node" ] || continue
  : >"$root/dev/$node"
  mount --bind "/dev/$node" "$root/dev/$node"
done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"

while [ $# -ge 2 ]; do
  mkdir -p "$root$2"
  mount --bind "$1" "$root$2"
  mount -o remount,bind,ro "$root$2"
  shift 2
done

# An ignored SIGCHLD is still ignored after exec, so the kernel reaps the children that daemons leave to process 1.
# libvirt waits until QEMU's process has ended, and a zombie has not. dash cannot set it, and resets it at its start, so
# env(1) runs last, before cat.
# It prints "ready" inside the new root: a process that enters before the chroot would be in the real one.
cd "$root"
exec chroot "$root" sh -c 'echo ready; exec env --ignore-signal=CHLD cat >/dev/null'

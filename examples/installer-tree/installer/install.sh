#!/bin/sh
# shellcheck disable=SC1091,SC2154 # the parts are sourced, and checked one by one
# Installs a system as the kickstart says: exits 0 when it is installed, another status when it is not.
# Everything that can be refused is refused before a disk is touched.
set -u

. /installer/say.sh
. /installer/commands.sh
. /installer/disks.sh
. /installer/network.sh
. /installer/system.sh
. /installer/settings.sh
. /installer/scripts.sh

# The word of the kernel's command line that begins with this.
boot_option() { tr ' ' '\n' </proc/cmdline | sed -n "s|^$1=||p" | tail -n 1; }

find_kickstart() {
  location=$(boot_option inst.ks)
  case $location in
    file:*) kickstart=${location#file:} ;;
    http://*)
      start_network
      kickstart=/run/kickstart.ks
      wget -q -O "$kickstart" "$location" || fail "$location: cannot be loaded"
      ;;
    '') fail 'inst.ks= is not on the command line of the kernel' ;;
    *) fail "inst.ks=$location: neither file: nor http:" ;;
  esac
  while case $kickstart in //*) true ;; *) false ;; esac do kickstart=${kickstart#/}; done
  [ -f "$kickstart" ] || fail "$kickstart: there is no such file"
}

# The error has been printed already. Now the scripts of %onerror run.
on_exit() {
  status=$?
  trap - EXIT
  [ "$status" -eq 0 ] || run_sections %onerror || true
  exit "$status"
}

mkdir -p "$KS"
trap on_exit EXIT
find_kickstart
say "kickstart $kickstart"
read_kickstart pre
run_sections %pre
read_kickstart all
read_commands
read_packages
plan_disks
start_network
find_tree

apply_disks
run_sections %pre-install
unpack_system
open_chroot
write_fstab
install_boot_loader
install_packages
apply_settings
run_sections %post
close_chroot
echo "$ending" >"$KS/ending"

#!/bin/sh
# %preun of virt-appliance-host. $1: how many versions of the package are left afterwards.
# Disables the boot-time unit when the last one is removed, as the macro %systemd_preun does, and deletes the
# results of past runs, which would become stale. Bases, their records and the pool are kept.
unit=virt-appliance-reconcile.service
if [ "$1" -eq 0 ]; then
  if [ -x /usr/lib/systemd/systemd-update-helper ]; then
    /usr/lib/systemd/systemd-update-helper remove-system-units "$unit" >/dev/null 2>&1 || :
  elif command -v systemctl >/dev/null; then
    systemctl --no-reload disable --now "$unit" >/dev/null 2>&1 || :
  fi
  rm -f -- /var/lib/virt-appliance/registered/* /var/lib/virt-appliance/lock || :
fi
exit 0

#!/bin/sh
# %preun of virt-appliance. $1: how many versions of the package are left afterwards.
# Disables and stops its units when the last one is removed, as the macro %systemd_preun does. It keeps virtual
# machines, their disks, the bases, and the journal, whose operations a later installation finishes or undoes.
units='virt-appliance-gc.timer virt-appliance-recover.service'
if [ "$1" -eq 0 ]; then
  if [ -x /usr/lib/systemd/systemd-update-helper ]; then
    # shellcheck disable=SC2086 # two names
    /usr/lib/systemd/systemd-update-helper remove-system-units $units >/dev/null 2>&1 || :
  elif command -v systemctl >/dev/null; then
    # shellcheck disable=SC2086 # two names
    systemctl --no-reload disable --now $units >/dev/null 2>&1 || :
  fi
fi
exit 0

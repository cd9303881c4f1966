#!/bin/sh
# %post of virt-appliance-host. $1: how many versions of the package are installed now.
# Enables the boot-time unit the first time, if the site's presets say so, as the macro %systemd_post does.
unit=virt-appliance-reconcile.service
if [ "$1" -eq 1 ]; then
  if [ -x /usr/lib/systemd/systemd-update-helper ]; then
    /usr/lib/systemd/systemd-update-helper install-system-units "$unit" >/dev/null 2>&1 || :
  elif command -v systemctl >/dev/null; then
    systemctl --no-reload preset "$unit" >/dev/null 2>&1 || :
  fi
fi
exit 0

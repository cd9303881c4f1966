#!/bin/sh
# %post of virt-appliance. $1: how many versions of the package are installed now.
# Enables its units the first time, if the site's presets say so, as the macro %systemd_post does.
units='virt-appliance-gc.timer virt-appliance-recover.service'
if [ "$1" -eq 1 ]; then
  if [ -x /usr/lib/systemd/systemd-update-helper ]; then
    # shellcheck disable=SC2086 # two names
    /usr/lib/systemd/systemd-update-helper install-system-units $units >/dev/null 2>&1 || :
  elif command -v systemctl >/dev/null; then
    # shellcheck disable=SC2086 # two names
    systemctl --no-reload preset $units >/dev/null 2>&1 || :
  fi
fi
exit 0

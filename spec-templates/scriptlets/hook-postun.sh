#!/bin/sh
# %transfiletriggerpostun of virt-appliance-host: runs once at the end of a transaction that removed appliances, and
# deletes their registration. Their bases are kept: VMs may use them.
if [ -x /usr/libexec/virt-appliance/reconcile ]; then
  /usr/libexec/virt-appliance/reconcile --quiet </dev/null || :
fi
exit 0

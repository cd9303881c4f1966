#!/bin/sh
# %transfiletriggerpostun of virt-appliance-host: runs once at the end of a transaction that took appliances away, and
# forgets their registration. Their bases stay: VMs may use them.
if [ -x /usr/libexec/virt-appliance/reconcile ]; then
  /usr/libexec/virt-appliance/reconcile --quiet </dev/null || :
fi
exit 0

#!/bin/sh
# %post of an appliance: unpacks its images into the libvirt pool. The hook at the end of the transaction
# makes the pool and registers the appliance. What cannot be done now is left to the next run of reconcile;
# the transaction never fails.
if [ -x /usr/libexec/virt-appliance/reconcile ]; then
  /usr/libexec/virt-appliance/reconcile --quiet --package '@PACKAGE@-@VR@' </dev/null || :
fi
exit 0

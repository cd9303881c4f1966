#!/bin/sh
# %post of an appliance: unpacks its images into the libvirt pool. Pool and registration are the work of the hook at the
# end of the transaction. Whatever cannot be done now, the next run of reconcile does; the transaction never fails.
if [ -x /usr/libexec/virt-appliance/reconcile ]; then
  /usr/libexec/virt-appliance/reconcile --quiet --package '@PACKAGE@-@VR@' </dev/null || :
fi
exit 0

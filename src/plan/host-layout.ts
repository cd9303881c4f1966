/** Fixed places on a host; every one is described in DESIGN.md, "On the host". */
export const hostLayout = {
  /** Parent of payload and pool: one file system, one SELinux type. */
  applianceRoot: "/var/lib/libvirt/images/appliances",
  payloadDir: "/var/lib/libvirt/images/appliances/payload",
  baseDir: "/var/lib/libvirt/images/appliances/base",
  catalogueDir: "/usr/share/virt-appliance/catalog.d",
  /** Stock kickstarts that recipes share. */
  kickstartsDir: "/usr/share/virt-appliance/kickstarts",
  /**
   * Where distributions package Puppet modules: in the base module path of Debian's and Fedora's Puppet, behind the
   * site's own `/etc/puppet/code/modules`. Data that does not change, of any architecture, so below /usr/share.
   */
  puppetModulesDir: "/usr/share/puppet/modules",
  osinfoDir: "/usr/share/osinfo/os/virt-appliance",
  stateDir: "/var/lib/virt-appliance",
  settingsDir: "/etc/virt-appliance",
  reconcile: "/usr/libexec/virt-appliance/reconcile",
} as const;

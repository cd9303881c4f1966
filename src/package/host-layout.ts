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
   * Folder of packaged Puppet modules: in the base module path of Puppet on Debian and Fedora, after the site's own
   * `/etc/puppet/code/modules`. The data is constant and architecture-independent, so it is below /usr/share.
   */
  puppetModulesDir: "/usr/share/puppet/modules",
  osinfoDir: "/usr/share/osinfo/os/virt-appliance",
  stateDir: "/var/lib/virt-appliance",
  settingsDir: "/etc/virt-appliance",
  reconcile: "/usr/libexec/virt-appliance/reconcile",
} as const;

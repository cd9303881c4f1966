/** A descriptor without any problem that says everything there is to say; tests change single places of it. */
export const sampleDescriptor = `<?xml version="1.0" encoding="UTF-8"?>
<image xmlns:va="http://virt-appliance/descriptor/1">
  <name version="1.2~rc1" release="3.fc40" va:epoch="2">web</name>
  <label>Web server</label>
  <description>Serves pages.
Twice as many on Sundays.</description>
  <va:license>Apache-2.0</va:license>
  <va:url>https://example.com/web?a=1&amp;b=2</va:url>
  <va:vendor>Example</va:vendor>
  <va:date>2026-01-31T12:00:00Z</va:date>
  <va:package-list>doc/packages.txt</va:package-list>
  <va:parameter name="HOSTNAME" default="web" required="yes">Name of the host</va:parameter>
  <va:parameter name="motd" default=""/>
  <domain>
    <boot type="xen">
      <guest>
        <arch>i686</arch>
        <features>
          <pae/>
          <acpi state="off"/>
        </features>
      </guest>
      <os>
        <kernel>boot/vmlinuz</kernel>
        <initrd>boot/initrd.img</initrd>
        <cmdline>root=/dev/xvda1 quiet</cmdline>
      </os>
      <drive disk="root" target="xvda"/>
    </boot>
    <boot type="hvm">
      <guest>
        <arch>x86_64</arch>
      </guest>
      <os>
        <loader dev="hd"/>
      </os>
      <drive disk="root" target="vda"/>
      <drive disk="data.qcow2"/>
      <drive disk="swap.raw" target="vdc"/>
    </boot>
    <devices>
      <vcpu>2</vcpu>
      <memory>1048576</memory>
      <va:minimum-memory>524288</va:minimum-memory>
      <interface va:model="virtio"/>
      <interface/>
      <graphics/>
    </devices>
    <va:firmware>uefi</va:firmware>
    <va:osinfo>http://debian.org/debian/12</va:osinfo>
  </domain>
  <storage>
    <disk id="root" file="disks/root.raw" use="system" size="2048" format="raw">
      <checksum type="sha1">da39a3ee5e6b4b0d3255bfef95601890afd80709</checksum>
      <checksum type="sha256">e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855</checksum>
    </disk>
    <disk file="data.qcow2" use="data" size="10" format="qcow2" va:bytes="10000000"/>
    <disk file="swap.raw" use="scratch" size="512" format="raw"/>
  </storage>
</image>
`;

/** Returns the sample with one place changed, which must be there exactly once. */
export function changed(from: string, to: string): string {
  const parts = sampleDescriptor.split(from);
  if (parts.length !== 2) throw new Error(`${parts.length - 1} times in the sample: ${from}`);
  return parts.join(to);
}

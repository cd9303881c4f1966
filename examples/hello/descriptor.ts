/** Renders the descriptor of the appliance, in the canonical form. */
export function renderHelloDescriptor(options: {
  readonly name: string;
  readonly version: string;
  /** As `2026-01-01T00:00:00Z`: the build time of its packages. */
  readonly date: string;
  readonly parameters: readonly string[];
}): string {
  const parameters = options.parameters.map((name) => `  <va:parameter name="${name}"/>\n`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<image xmlns:va="http://virt-appliance/descriptor/1">
  <name version="${options.version}">${options.name}</name>
  <label>Hello</label>
  <description>Says hello on its serial console, counts its boots on the data disk, and powers off.</description>
  <va:license>GPL-2.0-only AND Apache-2.0</va:license>
  <va:date>${options.date}</va:date>
${parameters.join("")}  <domain>
    <boot type="hvm">
      <guest>
        <arch>x86_64</arch>
        <features>
          <acpi/>
          <apic/>
        </features>
      </guest>
      <os>
        <loader dev="hd"/>
      </os>
      <drive disk="system" target="vda"/>
      <drive disk="data" target="vdb"/>
      <drive disk="scratch" target="vdc"/>
    </boot>
    <devices>
      <vcpu>1</vcpu>
      <memory>262144</memory>
    </devices>
    <va:osinfo>http://debian.org/debian/11</va:osinfo>
  </domain>
  <storage>
    <disk id="system" file="system.raw" use="system" size="512" format="raw"/>
    <disk id="data" file="data.raw" use="data" size="64" format="raw"/>
    <disk id="scratch" file="scratch.raw" use="scratch" size="64" format="raw"/>
  </storage>
</image>
`;
}

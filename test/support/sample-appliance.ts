import type { Appliance, Disk } from "../../src/appliance/index.ts";

const GIB = 2 ** 30;
const disk = (id: string, role: Disk["role"]): Disk => ({
  id,
  file: `${id}.raw`,
  role,
  format: "raw",
  sizeBytes: GIB,
  checksums: [],
  line: 1,
});
/** An image appliance with a disk of each role. */
export const sampleAppliance: Appliance = {
  name: "web",
  version: "1.2",
  release: "3",
  epoch: undefined,
  label: "Web server",
  description: "Serves pages.",
  license: "MIT",
  url: undefined,
  vendor: undefined,
  packager: undefined,
  changelog: undefined,
  dateSeconds: 1_700_000_000,
  boots: [
    {
      type: "hvm",
      arch: "x86_64",
      features: {},
      os: { kind: "loader", device: "hd" },
      drives: [{ disk: "root", target: "vda", line: 1 }],
      line: 1,
    },
  ],
  vcpu: 2,
  memoryKiB: 524_288,
  minimumMemoryKiB: undefined,
  interfaces: [{ model: undefined }],
  graphics: false,
  firmware: undefined,
  osinfo: "http://debian.org/debian/12",
  parameters: [],
  packageList: undefined,
  disks: [disk("root", "system"), disk("data", "data"), disk("tmp", "scratch")],
};

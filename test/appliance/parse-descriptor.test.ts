import assert from "node:assert/strict";
import { type Appliance, parseDescriptor, type Problem } from "../../src/appliance/index.ts";
import { errorProblems, warningProblems } from "../../src/appliance/problem-codes.ts";
import { badDescriptors } from "./bad-descriptors.ts";
import type { DescriptorCase } from "./descriptor-case.ts";
import { doubtfulDescriptors } from "./doubtful-descriptors.ts";
import { changed, sampleDescriptor } from "../fixtures/sample-descriptor.ts";

function find(problems: readonly Problem[], wanted: DescriptorCase): Problem {
  const seen = JSON.stringify(problems, undefined, 1);
  const found = problems.find((problem) => problem.code === wanted.code);
  assert(found !== undefined, seen);
  if (wanted.at === undefined) {
    assert.equal(found.line, undefined, seen);
  } else {
    const line = String(wanted.document).split("\n")[(found.line ?? 0) - 1] ?? "";
    assert(line.includes(wanted.at), `${line}: ${seen}`);
  }
  assert.match(found.message, wanted.message);
  return found;
}

function readable(document: string): Appliance {
  const { appliance, problems } = parseDescriptor(document, "sample");
  assert(appliance !== undefined, JSON.stringify(problems));
  return appliance;
}

describe("parseDescriptor", () => {
  describe("refuses, with the line,", () => {
    for (const wanted of badDescriptors) {
      it(wanted.what, () => {
        const { appliance, problems } = parseDescriptor(wanted.document, "sample");
        assert.equal(find(problems, wanted).severity, "error");
        assert.equal(appliance, undefined);
      });
    }
  });

  describe("reads, with a warning and the line,", () => {
    for (const wanted of doubtfulDescriptors) {
      it(wanted.what, () => {
        const { appliance, problems } = parseDescriptor(wanted.document, "sample");
        assert.equal(find(problems, wanted).severity, "warning");
        assert(appliance !== undefined, JSON.stringify(problems));
      });
    }
  });

  it("understands no number as infinite", () => {
    const document = changed(">1048576<", `>${"9".repeat(400)}<`);
    const { understood } = parseDescriptor(document, "sample");
    assert.equal(understood?.name, "web");
    assert.equal(understood.memoryKiB, undefined);
  });

  it("is tested with every code of its own", () => {
    const tested = new Set<string>(
      [...badDescriptors, ...doubtfulDescriptors].map((wanted) => wanted.code),
    );
    const all = [...Object.keys(errorProblems), ...Object.keys(warningProblems)];
    assert.deepEqual(
      all.filter((code) => !tested.has(code)),
      [],
    );
  });

  it("lists all problems at once, in the order of the document", () => {
    const document = changed(">web<", ">my web<")
      .replace(">2</vcpu>", ">0</vcpu>")
      .replace("boot/vmlinuz", "/vmlinuz")
      .replace('use="scratch"', 'use="tmp"');
    assert.deepEqual(
      parseDescriptor(document, "sample").problems.map(({ line, code }) => [line, code]),
      [
        [3, "name-invalid"],
        [24, "path-unsafe"],
        [42, "vcpu-out-of-range"],
        [58, "disk-role-unknown"],
      ],
    );
  });

  it("reads everything that the format can say", () => {
    const appliance = readable(sampleDescriptor);
    assert.deepEqual(
      { ...appliance, boots: [], disks: [] },
      {
        name: "web",
        version: "1.2~rc1",
        release: "3.fc40",
        epoch: 2,
        label: "Web server",
        description: "Serves pages.\nTwice as many on Sundays.",
        license: "Apache-2.0",
        url: "https://example.com/web?a=1&b=2",
        packager: undefined,
        changelog: undefined,
        vendor: "Example",
        dateSeconds: 1_769_860_800,
        parameters: [
          { name: "HOSTNAME", description: "Name of the host", default: "web", required: true },
          { name: "motd", description: undefined, default: "", required: false },
        ],
        packageList: "doc/packages.txt",
        vcpu: 2,
        memoryKiB: 1_048_576,
        minimumMemoryKiB: 524_288,
        interfaces: [{ model: "virtio" }, { model: undefined }],
        graphics: true,
        firmware: "uefi",
        osinfo: "http://debian.org/debian/12",
        boots: [],
        disks: [],
      },
    );
    assert.deepEqual(appliance.boots[0], {
      type: "xen",
      arch: "i686",
      features: { pae: "on", acpi: "off" },
      os: {
        kind: "kernel",
        kernel: "boot/vmlinuz",
        initrd: "boot/initrd.img",
        cmdline: "root=/dev/xvda1 quiet",
      },
      drives: [{ disk: "root", target: "xvda", line: 28 }],
      line: 15,
    });
    assert.deepEqual(appliance.boots[1]?.os, { kind: "loader", device: "hd" });
    assert.deepEqual(
      appliance.disks.map((disk) => [disk.id, disk.file, disk.role, disk.sizeBytes, disk.line]),
      [
        ["root", "disks/root.raw", "system", 2048 * 1024 * 1024, 53],
        ["data.qcow2", "data.qcow2", "data", 10_000_000, 57],
        ["swap.raw", "swap.raw", "scratch", 512 * 1024 * 1024, 58],
      ],
    );
    assert.deepEqual(
      appliance.disks[0]?.checksums.map((checksum) => checksum.type),
      ["sha1", "sha256"],
    );
  });

  it("reads the form of August 2007: maps of disks, and devices directly in the domain", () => {
    const appliance = readable(`<image><name>old</name><domain>
      <boot type="xen"><guest><os_type>xen</os_type><arch>i586</arch></guest>
        <os><loader>pygrub</loader></os>
        <disks><map file="root.raw" target="xvda"/><map file="data.raw"/></disks></boot>
      <vcpu>7</vcpu><memory>262144</memory><interface/><interface/><graphics/>
      </domain><storage>
        <disk size="4096" use="system"><partition file="a.img"/></disk>
        <disk file="root.raw"/><disk file="data.raw" use="user" size="1"/></storage></image>`);
    assert.equal(appliance.boots[0]?.arch, "i686");
    assert.deepEqual(
      appliance.boots[0]?.drives.map((drive) => [drive.disk, drive.target]),
      [
        ["root.raw", "xvda"],
        ["data.raw", undefined],
      ],
    );
    assert.deepEqual(
      [appliance.vcpu, appliance.memoryKiB, appliance.interfaces.length, appliance.graphics],
      [7, 262_144, 2, true],
    );
    assert.deepEqual(
      appliance.disks.map((disk) => [disk.file, disk.role, disk.format]),
      [
        ["root.raw", "system", "raw"],
        ["data.raw", "data", "raw"],
      ],
    );
  });

  it("takes a drive that names a disk by its file although the disk has an id", () => {
    const appliance = readable(
      changed('<drive disk="root" target="vda"/>', '<drive disk="disks/root.raw" target="vda"/>'),
    );
    assert.equal(appliance.boots[1]?.drives[0]?.disk, "root");
  });

  it("counts empty values as absent", () => {
    const appliance = readable(
      changed("<label>Web server</label>", "<label> </label>").replace('target="vdc"', 'target=""'),
    );
    assert.equal(appliance.label, undefined);
    assert.equal(appliance.boots[1]?.drives[2]?.target, undefined);
  });

  it("MB means 1,048,576 bytes", () => {
    assert.equal(readable(sampleDescriptor).disks[2]?.sizeBytes, 536_870_912);
  });

  it("passes over what others put into a namespace of their own", () => {
    const document = changed("<devices>", '<devices><x:y xmlns:x="urn:x" a="1">text</x:y>');
    assert.deepEqual(parseDescriptor(document, "sample").problems, []);
  });

  const dates: readonly (readonly [string, number])[] = [
    ["1970-01-01", 0],
    ["2026-01-31", 1_769_817_600],
    ["2026-01-31T12:00:00+01:00", 1_769_857_200],
    ["2024-02-29", 1_709_164_800],
  ];
  for (const [text, seconds] of dates) {
    it(`reads the date ${text}`, () => {
      assert.equal(readable(changed("2026-01-31T12:00:00Z", text)).dateSeconds, seconds);
    });
  }
});

import assert from "node:assert/strict";
import * as fc from "fast-check";
import { completeDomain } from "../../src/host/create/complete-domain.ts";
import {
  filesOf,
  type Generation,
  type Instance,
  type InstanceDisk,
} from "../../src/host/instance/instance.ts";
import {
  INSTANCE_NAMESPACE,
  readInstance,
  writeInstance,
} from "../../src/host/instance/instance-xml.ts";
import { parseDomain } from "../../src/libvirt/index.ts";

const sha256 = "a".repeat(64);
const base = { path: "/base/web-appliance-1.0-1-system.qcow2", sha256 };
const disks: readonly InstanceDisk[] = [
  {
    id: "system",
    role: "system",
    kind: "overlay",
    path: "/d/vm1-system.qcow2",
    format: "qcow2",
    target: "vda",
    base,
  },
  {
    id: "data",
    role: "data",
    kind: "copy",
    path: "/d/vm1-data.raw",
    format: "raw",
    target: "vdb",
    base,
  },
  {
    id: "scratch",
    role: "scratch",
    kind: "empty",
    path: "/d/vm1-scratch.qcow2",
    format: "qcow2",
    target: "vdc",
    base: undefined,
  },
  {
    id: "tools",
    role: "system",
    kind: "base",
    path: "/base/t.iso",
    format: "iso",
    target: "sda",
    base,
  },
];
const generation: Generation = {
  version: "1.0",
  release: "1",
  since: "2026-01-02T03:04:05.000Z",
  boot: 0,
  disks,
  kernel: { path: "/d/vm1-vmlinuz", base },
  initrd: undefined,
  definition: undefined,
};
const instance: Instance = {
  appliance: "web",
  package: "web-appliance",
  createdAt: "2026-01-02T03:04:05.000Z",
  current: generation,
  previous: { ...generation, version: "0.9", definition: "/s/vm1.xml", disks: [] },
  seed: { path: "/d/vm1-seed.iso", target: "sdb", parameters: ["hostname", "ssh-key"] },
};
const uuid = "0db39742-f7eb-4a87-8773-3020177eec1e";
const plain = `<domain type='kvm'><name>vm1</name><uuid>${uuid}</uuid><!-- kept --><devices/></domain>`;

describe("what a domain says of its appliance", () => {
  it("comes back as it was written", () => {
    assert.deepEqual(readInstance(writeInstance(plain, instance)), instance);
    const least = { ...instance, previous: undefined, seed: undefined };
    assert.deepEqual(readInstance(writeInstance(plain, least)), least);
  });

  it("keeps whatever else the domain holds, other metadata included", () => {
    const other = `<domain><metadata><o:os xmlns:o="urn:o" id="x"/></metadata><name>a&amp;b</name><!-- kept --><uuid>${uuid}</uuid></domain>`;
    const written = writeInstance(other, instance);
    assert.match(written, /<o:os xmlns:o="urn:o" id="x"\/>/);
    assert.match(written, /<name>a&amp;b<\/name><!-- kept -->/);
  });

  it("replaces what was there of ours", () => {
    const twice = writeInstance(writeInstance(plain, instance), { ...instance, appliance: "db" });
    assert.equal(twice.split(`${INSTANCE_NAMESPACE}"`).length, 2);
    assert.equal(readInstance(twice)?.appliance, "db");
  });

  it("is absent from other domains", () => {
    assert.equal(readInstance(plain), undefined);
    assert.equal(readInstance("<domain><metadata><instance/></metadata></domain>"), undefined);
  });

  it("is refused when it cannot be read", () => {
    const written = writeInstance(plain, instance);
    for (const [from, to] of [
      [/ appliance="web"/, ""],
      [/ role="system"/, ' role="other"'],
      [/ path="\/d\/vm1-data.raw"/, ' path="relative"'],
      [/ boot="0"/, ' boot="-1"'],
      [/ kind="overlay"/, ' kind="moved"'],
      [/ sha256="a+"/, ""],
      [/ uuid="[^"]*"/, ""],
    ] as const) {
      assert.match(written, from);
      assert.throws(() => readInstance(written.replace(from, to)), { code: "HOST_METADATA_BAD" });
    }
  });

  it("is that of the domain with the UUID for which it was written, however libvirt spells it", () => {
    const written = writeInstance(plain, instance);
    const spelled = written.replace(
      `<uuid>${uuid}`,
      `<uuid>${uuid.replaceAll("-", "").toUpperCase()}`,
    );
    assert.deepEqual(readInstance(spelled), instance);
    for (const other of ["<uuid>11111111-2222-3333-4444-555555555555</uuid>", ""]) {
      const clone = written.replace(`<uuid>${uuid}</uuid>`, other).replace("vm1<", "vm2<");
      assert.throws(() => readInstance(clone), {
        code: "HOST_METADATA_FOREIGN",
        message: /^vm2: carries the metadata of another VM \(clone\?\)/,
        hint: /virt-appliance adopt vm2/,
      });
      if (other === "") continue;
      assert.deepEqual(readInstance(writeInstance(clone, instance)), instance);
    }
    assert.throws(() => writeInstance("<domain><name>a</name></domain>", instance), /no <uuid>/);
  });

  it("is written for a UUID of the domain's own when virt-install printed none", () => {
    const printed = "<domain><name>vm1</name><os/><devices/></domain>";
    const nothing = { kernel: undefined, initrd: undefined, cmdline: undefined };
    const complete = (): string =>
      completeDomain(printed, { ...nothing, disks: [], consoleLog: "/l" }).xml;
    const uuids = [complete(), complete()].map((xml) => parseDomain(xml).uuid ?? "");
    for (const each of uuids) assert.match(each, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.notEqual(uuids[0], uuids[1]);
    assert.deepEqual(readInstance(writeInstance(complete(), instance)), instance);
  });

  it("renews title and description with the version, while they are those written before", () => {
    const texts = (xml: string): readonly unknown[] => {
      const { title, description } = parseDomain(xml);
      return [title, description];
    };
    const as = (title?: string, description?: string): Instance => ({
      ...instance,
      current: { ...generation, ...(title && { title }), ...(description && { description }) },
    });
    const first = writeInstance(plain, as("Web <1>", "a\n  b"));
    assert.deepEqual(texts(first), ["Web <1>", "a\n  b"]);
    assert.deepEqual(readInstance(first)?.current.description, "a\n  b");
    assert.deepEqual(texts(writeInstance(first, as("Web 2", "c"))), ["Web 2", "c"]);
    // Back to a version for which nothing was written.
    assert.deepEqual(texts(writeInstance(first, as())), [undefined, undefined]);
    const removed = first.replace(/<title>.*?<\/title>/, "");
    assert.deepEqual(texts(writeInstance(removed, as("Web 2", "c"))), [undefined, "c"]);
    const own = plain.replace("<devices/>", "<title>mine</title><description>ours</description>");
    assert.deepEqual(texts(writeInstance(own, as("Web 2", "c"))), ["mine", "ours"]);
    const twice = writeInstance(writeInstance(own, as("Web 2", "c")), as("Web 3", "d"));
    assert.deepEqual(texts(twice), ["mine", "ours"]);
  });

  it("holds any text that XML can hold", () => {
    const printable = fc.string({ minLength: 1, unit: "grapheme" });
    fc.assert(
      fc.property(printable, (id) => {
        const current = { ...generation, disks: disks.slice(0, 1).map((d) => ({ ...d, id })) };
        const back = readInstance(writeInstance(plain, { ...instance, current }));
        assert.equal(back?.current.disks[0]?.id, id);
      }),
    );
  });

  it("tells the files of a VM from the bases", () => {
    assert.deepEqual(filesOf(generation), [
      "/d/vm1-system.qcow2",
      "/d/vm1-data.raw",
      "/d/vm1-scratch.qcow2",
      "/d/vm1-vmlinuz",
    ]);
  });
});

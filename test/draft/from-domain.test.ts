import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseDescriptor, renderDescriptor } from "../../src/appliance/index.ts";
import { openMemoryLibvirt, parseDomain } from "../../src/libvirt/index.ts";
import { type Draft, type DraftNote, initAppliance } from "../../src/draft/index.ts";
import { draftFromDomain } from "../../src/draft/from-domain.ts";
import { webDomain, xenDomain } from "../fixtures/libvirt-documents.ts";
import { testContext } from "../support/context.ts";
import { assertGolden } from "../support/golden.ts";
import { temporaryFolder } from "../support/temporary.ts";

const corpus = process.env["VIRT_APPLIANCE_CORPUS"];

function messages(draft: Draft, kind: DraftNote["kind"]): string[] {
  return draft.notes.filter((note) => note.kind === kind).map((note) => note.message);
}

/** Returns a domain with these elements in it. */
function domain(inside: string, name = "x"): Draft {
  const xml = `<domain><name>${name}</name><memory>262144</memory>${inside}</domain>`;
  return draftFromDomain(parseDomain(xml));
}

const hvm = "<os><type arch='x86_64'>hvm</type></os>";

describe("a descriptor from a libvirt domain", () => {
  const draft = draftFromDomain(parseDomain(webDomain));

  it("has the machine, with plain file names for its disks", () =>
    assertGolden("draft/web-domain.xml", renderDescriptor(draft.appliance)));

  it("notes name each file to copy, and its new name", () => {
    assert.deepEqual(messages(draft, "copy"), [
      "/srv/vm/Web Root.qcow2: copy it beside the descriptor as Web-Root.qcow2",
      "/dev/vg/web root: copy it beside the descriptor as web-root.raw",
      "disk vdc: network pool/web-root: export it beside the descriptor as web-root-2.raw",
      "disk vdd: volume default/logs.qcow2: export it beside the descriptor as logs.qcow2",
    ]);
  });

  it("drops settings of the host, with a note for each", () => {
    assert.deepEqual(messages(draft, "dropped"), [
      "disk sda: a CD-ROM drive with /iso/install.iso",
      "disk sdb: a CD-ROM drive without a medium",
      "hypervisor kvm: each host chooses its own",
      "UUID 0d9f7a2e-54f7-4b6a-9f5e-5d6a4a5e0001",
      "2 MAC addresses",
      "networks: network default, bridge br0",
      "3 device addresses",
      "2 device aliases",
      "machine type pc-q35-8.2",
      "display type: vnc; each host chooses its own",
      "devices that each host adds: serial (pty)",
      "settings of the host: clock, on_poweroff",
    ]);
    const text = renderDescriptor(draft.appliance);
    for (const secret of [
      "0d9f7a2e",
      "52:54",
      "/srv",
      "/dev/",
      "br0",
      "10.0.0.5",
      "5901",
      "net0",
    ]) {
      assert(!text.includes(secret), secret);
    }
  });

  it("notes list what a descriptor cannot express", () => {
    assert.deepEqual(messages(draft, "lost"), [
      "boot device network cannot be expressed",
      "feature vmport cannot be expressed",
      "disk fda: device floppy cannot be expressed",
      "device hostdev (pci) cannot be expressed",
      "device tpm (tpm-crb) cannot be expressed",
      "element <cpu> cannot be expressed",
      "UEFI variables (NVRAM) are not copied: a new VM has the boot entries and Secure Boot keys of its firmware",
      "TPM state is not copied: a new VM cannot unseal data that this TPM sealed",
      "current memory 1.0 GiB cannot be expressed; uses 2.0 GiB",
    ]);
  });

  it("notes list the assumptions", () => {
    assert.deepEqual(messages(draft, "assumed").slice(0, 3), [
      "name: web-01-test, because web 01 (test) is not a valid name",
      "version: 1.0",
      "disk vda: Web-Root.qcow2 is a system disk",
    ]);
  });

  it("the drafted descriptor is valid", () => {
    for (const xml of [webDomain, xenDomain]) {
      const text = renderDescriptor(draftFromDomain(parseDomain(xml)).appliance);
      const { appliance, problems } = parseDescriptor(text, "draft");
      assert(appliance !== undefined, JSON.stringify(problems));
    }
  });

  it("knows paravirtual machines, and runs no program but pygrub", () => {
    const xen = draftFromDomain(parseDomain(xenDomain));
    assert.deepEqual(xen.appliance.boots[0]?.os, { kind: "bootloader", program: "pygrub" });
    assert.equal(xen.appliance.boots[0]?.type, "xen");
    assert.deepEqual(messages(xen, "lost"), [
      "bootloader /usr/bin/pypxeboot cannot be expressed; uses pygrub",
    ]);
  });

  it("gives kernel and initrd plain names that no disk has", () => {
    const linux = domain(`<os><type arch='x86_64'>linux</type><kernel>/tmp/a/boot</kernel>
      <initrd>/tmp/b/boot</initrd><cmdline> root=/dev/xvda1   quiet </cmdline></os>
      <devices><disk type='file'><source file='/srv/boot'/><target dev='xvda'/></disk></devices>`);
    assert.deepEqual(linux.appliance.boots[0]?.os, {
      kind: "kernel",
      kernel: "boot",
      initrd: "boot-2",
      cmdline: "root=/dev/xvda1 quiet",
    });
    assert.equal(linux.appliance.disks[0]?.file, "boot.raw");
  });

  it("keeps the medium of a machine that boots from it", () => {
    const live = domain(`<os><type arch='x86_64'>hvm</type><boot dev='cdrom'/></os><devices>
      <disk type='file' device='cdrom'><source file='/iso/live.iso'/><target dev='sda'/></disk></devices>`);
    assert.deepEqual(live.appliance.boots[0]?.os, { kind: "loader", device: "cdrom" });
    assert.deepEqual(
      live.appliance.disks.map((disk) => [disk.file, disk.format, disk.role]),
      [["live.iso", "iso", "system"]],
    );
  });

  const names: readonly (readonly [string, string])[] = [
    ["web", "web"],
    ["web 01/äöü", "web-01-aou"],
    ["../../etc", "etc"],
    ["--help", "help"],
    ["…", "appliance"],
    ["a..b", "a.b"],
    ["x".repeat(300), "x".repeat(80)],
  ];
  for (const [given, made] of names) {
    it(`names the appliance of ${given.slice(0, 20)} ${made.slice(0, 20)}`, () => {
      assert.equal(domain(hvm, given).appliance.name, made);
    });
  }

  it("gives names without a folder, without control over options, and that differ in more than case", () => {
    const disk = (file: string): string =>
      `<disk type='file'><source file='${file}'/><target dev='vda'/></disk>`;
    const { appliance } = domain(
      `${hvm}<devices>${["/a/Root.raw", "/b/root.raw", "/c/-rf", "/d/..", "/e/"].map(disk).join("")}</devices>`,
    );
    assert.deepEqual(
      appliance.disks.map(({ file }) => file),
      ["Root.raw", "root-2.raw", "rf.raw", "disk.raw", "e.raw"],
    );
    assert.deepEqual(
      appliance.boots[0]?.drives.map(({ target }) => target),
      ["vda", undefined, undefined, undefined, undefined],
    );
  });

  for (const [what, xml] of [
    ["a container", "<os><type>exe</type></os>"],
    ["a machine without memory to speak of", `${hvm}<memory>1</memory>`],
    ["an absurd number of processors", `${hvm}<vcpu>100000</vcpu>`],
  ] as const) {
    it(`is refused for ${what}`, () => {
      const text = `<domain><name>x</name>${xml}</domain>`;
      assert.throws(() => draftFromDomain(parseDomain(text)), { code: "SOURCE_INEXPRESSIBLE" });
    });
  }
});

describe("initAppliance", () => {
  const folder = temporaryFolder();
  const context = testContext();

  async function file(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(path.join(folder, name), content);
    return path.join(folder, name);
  }

  it("reads domain XML from a file, and the sizes of its disks where they are there", async () => {
    const disk = path.join(folder, "overlay.qcow2");
    const base = await file("base.raw", Buffer.alloc(1024 * 1024));
    await context.run("qemu-img", [
      "create",
      "-q",
      "-f",
      "qcow2",
      "-b",
      base,
      "-F",
      "raw",
      disk,
      "2M",
    ]);
    const xml = await file("d.xml", webDomain.replace("/srv/vm/Web Root.qcow2", disk));
    const draft = await initAppliance(xml, context);
    assert.equal(draft.appliance.disks[0]?.sizeBytes, 2 * 1024 * 1024);
    assert.equal(
      messages(draft, "copy")[0],
      `${disk}: it has a backing file: flatten it with qemu-img convert to overlay.qcow2`,
    );
    await assert.rejects(initAppliance(disk, context), {
      code: "SOURCE_INEXPRESSIBLE",
      message: /backing file/,
    });
  });

  it("asks libvirt for a domain of that name when there is no such file", async () => {
    const libvirt = openMemoryLibvirt({ domains: [{ xml: webDomain, isActive: true }] });
    const draft = await initAppliance("web 01 (test)", context, { libvirt });
    assert.equal(draft.appliance.name, "web-01-test");
  });

  it("asks the real libvirt as well", async () => {
    const draft = await initAppliance("test", context, { uri: "test:///default" });
    assert.equal(draft.appliance.boots[0]?.arch, "i686");
    await assert.rejects(initAppliance("nope", context, { uri: "test:///default" }), {
      code: "LIBVIRT_UNKNOWN",
      message: /^nope: not a plain file/,
    });
  });

  it("uses the given name if it is valid", async () => {
    const libvirt = openMemoryLibvirt({ domains: [{ xml: webDomain }] });
    const options = { libvirt, name: "shop" };
    const draft = await initAppliance("web 01 (test)", context, options);
    assert.equal(draft.appliance.name, "shop");
    assert(messages(draft, "assumed").every((message) => !message.startsWith("name")));
    await assert.rejects(initAppliance("web 01 (test)", context, { libvirt, name: "../x" }), {
      code: "SOURCE_INEXPRESSIBLE",
    });
  });

  const formats = [
    ["qcow2", "qcow2"],
    ["qcow", "qcow"],
    ["vmdk", "vmdk"],
    ["vdi", "vdi"],
    ["raw", "img"],
  ] as const;
  for (const [format, extension] of formats) {
    it(`makes a machine around a disk image in ${format}, told by its content`, async () => {
      const image = path.join(folder, `My disk.${extension}`);
      await context.run("qemu-img", ["create", "-q", "-f", format, image, "8M"]);
      const { appliance } = await initAppliance(image, context);
      assert.deepEqual(
        appliance.disks.map(({ file: name, format: found, sizeBytes, role }) => [
          name,
          found,
          sizeBytes,
          role,
        ]),
        [[`My-disk.${extension}`, format, 8 * 1024 * 1024, "system"]],
      );
      assert.equal(appliance.name, "My-disk");
      assert(parseDescriptor(renderDescriptor(appliance), "draft").appliance !== undefined);
    });
  }

  it("boots an ISO image from the cdrom drive", async () => {
    const iso = Buffer.alloc(64 * 1024);
    iso.write("\u0001CD001", 32 * 1024, "latin1");
    const { appliance } = await initAppliance(await file("live.iso", iso), context);
    assert.deepEqual(appliance.boots[0]?.os, { kind: "loader", device: "cdrom" });
    assert.equal(appliance.disks[0]?.format, "iso");
  });

  const refused: readonly (readonly [string, () => Promise<string>, string, RegExp])[] = [
    [
      "a compressed disk",
      () => file("x.xz", Buffer.from("fd377a585a000000", "hex")),
      "SOURCE_INEXPRESSIBLE",
      /xz/,
    ],
    ["a VHDX image", () => file("x.vhdx", "vhdxfile"), "SOURCE_INEXPRESSIBLE", /VHDX/],
    ["an empty file", () => file("empty", ""), "SOURCE_INEXPRESSIBLE", /empty/],
    ["a folder", () => Promise.resolve(folder), "SOURCE_INEXPRESSIBLE", /not a plain file/],
    ["a missing path", () => Promise.resolve(path.join(folder, "nope")), "LIB_IO", /no such file/],
    ["a descriptor", () => file("a.xml", "<image/>"), "SOURCE_EXISTS", /already an/],
    [
      "another document",
      () => file("b.xml", "<html/>"),
      "LIBVIRT_UNEXPECTED",
      /<html>, expected <domain>/,
    ],
    ["broken XML", () => file("c.xml", "<domain>"), "LIB_XML_MALFORMED", /unclosed/],
  ];
  for (const [what, make, code, message] of refused) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(initAppliance(await make(), context), { code, message });
    });
  }

  it("prefers a domain to a folder of its name", async () => {
    await mkdir(path.join(folder, "sub"));
    const libvirt = openMemoryLibvirt();
    await assert.rejects(initAppliance("src", context, { libvirt }), { code: "LIBVIRT_UNKNOWN" });
  });
});

// Only where VIRT_APPLIANCE_CORPUS names real files of other projects; the tests above need none.
const describeCorpus = corpus === undefined ? (): void => {} : describe;
describeCorpus("corpus of real domains", () => {
  const folder = path.join(corpus ?? "", "libvirt");
  const expected: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
    [
      "domain-kvm-fedora39.xml",
      "convert-me",
      ["f39-pc.qcow2"],
      [
        "disk vda: <driver discard='unmap'> cannot be expressed",
        "device sound (ich6) cannot be expressed",
        "device redirdev (spicevmc) cannot be expressed",
      ],
    ],
    [
      "domain-xen-pv-bootloader.xml",
      "pvtest",
      ["some.img"],
      [
        "bootloader /usr/bin/pypxeboot cannot be expressed; uses pygrub",
        "element <bootloader_args> cannot be expressed",
      ],
    ],
    [
      "domain-xen-pv-kernel-initrd.xml",
      "XenGuest2",
      ["XenGuest2.raw"],
      ["current memory 394 MiB cannot be expressed; uses uses 579 MiB is taken"],
    ],
  ];
  for (const [name, appliance, disks, lost] of expected) {
    it(`gives a descriptor of ${name}`, async () => {
      const draft = draftFromDomain(parseDomain(await readFile(path.join(folder, name)), name));
      assert.equal(draft.appliance.name, appliance);
      const files = draft.appliance.disks.map(({ file }) => file);
      assert.deepEqual(files, disks);
      assert.deepEqual(messages(draft, "lost"), lost);
      const { problems } = parseDescriptor(renderDescriptor(draft.appliance), name);
      assert.deepEqual(problems, []);
    });
  }
});

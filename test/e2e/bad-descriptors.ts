import { readFile, writeFile } from "node:fs/promises";
import {
  descriptorOf,
  type DiskElement,
  noise,
  runTool,
  sha256Of,
  writeAppliance,
} from "../fixtures/appliance-folder.ts";
import type { BadInput, BadInputs } from "../support/bad-input.ts";
import type { Sandbox } from "../support/sandbox.ts";

/** Sound folders whose descriptor, or whose disks, are not. */

const BUILD = ["build", "web", "-o", "out"] as const;
const disk: DiskElement = { file: "disk.raw" };
const sound = descriptorOf([disk]);
const files = { "disk.raw": noise(5000) };

/** A descriptor that differs from a sound one in one place. */
function changed(
  from: string | RegExp,
  to: string,
  row: Omit<BadInput, "args" | "status">,
): BadInput {
  const text = sound.replace(from, to);
  if (text === sound) throw new TypeError(`${String(from)} is not in the descriptor`);
  return {
    prepare: (sandbox) => writeAppliance(sandbox.path("web"), text, files),
    args: BUILD,
    status: 1,
    ...row,
  };
}

const invalid = (message: RegExp): Omit<BadInput, "args" | "status"> => ({
  code: "SOURCE_INVALID",
  message,
  hint: /virt-appliance inspect/,
});

const texts: BadInputs = {
  "not well-formed": changed(
    "</storage>",
    "",
    invalid(/web: line 11: appliance\.xml: not well-formed XML/),
  ),
  "a DOCTYPE": changed("<image>", "<!DOCTYPE image>\n<image>", invalid(/web: line 2: .*DOCTYPE/)),
  "an entity": changed(">web<", ">&who;<", invalid(/web: line 3: .*entity/)),
  "an entity that would read a file": changed(
    "<image>",
    '<!DOCTYPE image [<!ENTITY who SYSTEM "file:///etc/passwd">]>\n<image>',
    invalid(/DOCTYPE/),
  ),
  "a billion laughs": changed(
    "<image>",
    '<!DOCTYPE image [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>\n<image>',
    invalid(/DOCTYPE/),
  ),
  "elements without end": changed(
    "<storage>",
    `<storage>${"<x>".repeat(5000)}`,
    invalid(/web: line 8: /),
  ),
  "a descriptor of two megabytes": changed(
    "<storage>",
    `<!--${"x".repeat(2e6)}--><storage>`,
    invalid(/document is larger than 1\.0 MiB/),
  ),
  "a drive of an unknown disk": changed(
    '<drive disk="disk.raw"/>',
    '<drive disk="disk.raw"/><drive disk="disc.raw"/>',
    invalid(/web: line 5: .*"disc\.raw"/),
  ),
  "a negative size": changed(
    'format="raw"',
    'format="raw" size="-1"',
    invalid(/line 9: disk "disk\.raw": size is -1048576 bytes, expected 1 /),
  ),
  "an absurd size": changed(
    'format="raw"',
    'format="raw" size="99999999999999"',
    invalid(/line 9: disk "disk\.raw": size is \d+ PiB, expected 1 B to 1\.0 PiB/),
  ),
  "negative memory": changed("262144", "-262144", invalid(/line 6: .*-262144/)),
  "no processor": changed("<vcpu>1", "<vcpu>0", invalid(/line 6: .*"?0"?/)),
  "a name that rpm cannot hold": changed(
    ">web<",
    ">web server<",
    invalid(/line 3: name "web server": expected letters/),
  ),
  "a name that leaves its folder": changed(
    ">web<",
    ">../web<",
    invalid(/line 3: name "\.\.\/web"/),
  ),
  "a name without end": changed(
    ">web<",
    `>${"w".repeat(200)}<`,
    invalid(/line 3: name .* 200 characters, expected at most 100/),
  ),
  "a version that rpm cannot hold": changed(
    '"1.0" release',
    '"1.0-2" release',
    invalid(/line 3: version "1\.0-2": expected/),
  ),
  "a release of shell": changed(
    'release="1"',
    'release="$(id)"',
    invalid(/line 3: release "\$\(id\)"/),
  ),
  "a disk outside": changed(/"disk\.raw"/g, '"../disk.raw"', invalid(/"\.\.\/disk\.raw"/)),
  "a disk at an absolute path": changed(
    /"disk\.raw"/g,
    '"/etc/passwd"',
    invalid(/"\/etc\/passwd"/),
  ),
  "a cursor that moves": changed(">web<", ">web&#27;[2J<", invalid(/line 3: /)),
  "a wrong checksum": {
    ...changed("</disk>", `<checksum type="sha256">${sha256Of("other")}</checksum></disk>`, {
      code: "SOURCE_CHECKSUM_MISMATCH",
      message: new RegExp(
        `web: line 9: .*"disk\\.raw".*${sha256Of(noise(5000))}.*${sha256Of("other")}|web: line 9: .*"disk\\.raw".*${sha256Of("other")}.*${sha256Of(noise(5000))}`,
      ),
    }),
    status: 3,
  },
  "a checksum that is none": changed(
    "</disk>",
    '<checksum type="sha256">12</checksum></disk>',
    invalid(/line 9: .*checksum/),
  ),
  "a missing disk": {
    prepare: (sandbox) => writeAppliance(sandbox.path("web"), sound),
    args: BUILD,
    status: 1,
    code: "SOURCE_DISK_MISSING",
    message: /web: line 9: system disk "disk\.raw" is in the descriptor but not in the folder/,
  },
  "a missing kernel": {
    prepare: (sandbox) =>
      writeAppliance(sandbox.path("web"), descriptorOf([disk], { kernel: "vmlinuz" }), files),
    args: BUILD,
    status: 1,
    code: "SOURCE_FILE_MISSING",
    message: /web: line 5: kernel "vmlinuz" is in the descriptor but not in the folder/,
  },
  "two descriptors": {
    prepare: (sandbox) =>
      writeAppliance(sandbox.path("web"), sound, { ...files, "other.xml": sound }),
    args: BUILD,
    status: 1,
    code: "SOURCE_TWO_DESCRIPTORS",
    message: /web: 2 appliance descriptors, expected one: appliance\.xml, other\.xml/,
  },
  "many problems, all told at once": {
    prepare: (sandbox) =>
      writeAppliance(
        sandbox.path("web"),
        sound.replace(">web<", ">w b<").replace("262144", "-1"),
        {},
      ),
    args: BUILD,
    status: 1,
    code: "SOURCE_INVALID",
    message: /web: 2 problems, expected none\n {2}line 3: name "w b".*\n {2}line 6: memory: -1/,
  },
  "a version too long with its name": {
    ...changed(">web<", `>${"w".repeat(100)}<`, {
      code: "PLAN_BAD_VERSION",
      message:
        /w-appliance-x+-1: name, version and release have \d+ characters, expected at most 150/,
    }),
    args: [...BUILD, "--appliance-version", "x".repeat(60)],
  },
};

/** A folder whose one disk a program made. */
function image(
  format: string,
  make: (file: string, sandbox: Sandbox) => Promise<unknown>,
  expected: Pick<BadInput, "code" | "message">,
): BadInput {
  return {
    prepare: async (sandbox) => {
      await writeAppliance(sandbox.path("web"), descriptorOf([{ file: "disk.img", format }]));
      await make(sandbox.path("web", "disk.img"), sandbox);
    },
    args: BUILD,
    status: 1,
    ...expected,
  };
}

const qemuImg = (...args: readonly string[]): Promise<Buffer> => runTool("qemu-img", ...args);

const images: BadInputs = {
  "a qcow2 disk with a backing file": image(
    "qcow2",
    (file) =>
      qemuImg("create", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b", "/etc/passwd", file, "1M"),
    { code: "IMAGE_BACKING_FILE", message: /^virt-appliance: web: disk\.img: .*\/etc\/passwd/m },
  ),
  "a qcow2 disk with an external data file": image(
    "qcow2",
    (file, sandbox) =>
      qemuImg(
        "create",
        "-q",
        "-f",
        "qcow2",
        "-o",
        `data_file=${sandbox.path("outside")}`,
        file,
        "1M",
      ),
    { code: "IMAGE_EXTERNAL_DATA", message: /^virt-appliance: web: disk\.img: .*outside/m },
  ),
  "a vmdk disk with its extents elsewhere": image(
    "vmdk",
    (file) =>
      writeFile(
        file,
        '# Disk DescriptorFile\nversion=1\nCID=12345678\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 8 FLAT "/etc/passwd" 0\n',
      ),
    { code: "IMAGE_EXTERNAL_DATA", message: /^virt-appliance: web: disk\.img: .*\/etc\/passwd/m },
  ),
  "a vmdk disk with a parent": image(
    "vmdk",
    async (file, sandbox) => {
      const parent = sandbox.path("parent.vmdk");
      await qemuImg("create", "-q", "-f", "vmdk", parent, "1M");
      await qemuImg("create", "-q", "-f", "vmdk", "-F", "vmdk", "-b", parent, file);
    },
    { code: "IMAGE_BACKING_FILE", message: /^virt-appliance: web: disk\.img: .*parent\.vmdk/m },
  ),
  "a raw disk that is called qcow2": image("qcow2", (file) => writeFile(file, noise(5000)), {
    code: "IMAGE_FORMAT_MISMATCH",
    message: /^virt-appliance: web: disk\.img: .*qcow2/m,
  }),
  "a qcow2 disk cut short": image(
    "qcow2",
    async (file) => {
      await qemuImg("create", "-q", "-f", "qcow2", file, "1M");
      await runTool("truncate", "--size", "100", file);
    },
    { code: "IMAGE_CORRUPT", message: /^virt-appliance: web: disk\.img: /m },
  ),
  "an encrypted disk": image(
    "qcow2",
    async (file) => {
      await qemuImg("create", "-q", "-f", "qcow2", file, "1M");
      const bytes = await readFile(file);
      // The field of the header that says how it is encrypted.
      bytes.writeUInt32BE(1, 32);
      await writeFile(file, bytes);
    },
    { code: "IMAGE_ENCRYPTED", message: /^virt-appliance: web: disk\.img: .*encrypted/m },
  ),
  "an empty disk": image("raw", (file) => writeFile(file, ""), {
    code: "IMAGE_BAD_SIZE",
    message: /^virt-appliance: web: disk\.img: /m,
  }),
};

/** All of them. */
export const badDescriptors: BadInputs = { ...texts, ...images };

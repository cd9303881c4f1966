import { type DescriptorCase, of } from "./descriptor-case.ts";
import { changed } from "../fixtures/sample-descriptor.ts";

/** Descriptors that cannot be used, each with one error. */
export const badDescriptors: readonly DescriptorCase[] = [
  of("plain text", "hello", ["not-well-formed", "hello", /^sample: not well-formed XML/]),
  of("our prefix without its namespace", "<image><va:x/></image>", [
    "not-well-formed",
    "<va:x/>",
    /unbound namespace prefix: "va"; add xmlns:va="http:\/\/virt-appliance\/descriptor\/1" to the root element$/,
  ]),
  of("nothing", "", ["not-well-formed", "", /root element/]),
  of("an unclosed element", changed("</storage>", ""), [
    "not-well-formed",
    "</image>",
    /unexpected close tag/,
  ]),
  of("bytes of another encoding", Buffer.from(changed("Web", "W\xe9b"), "latin1"), [
    "not-well-formed",
    undefined,
    /not in UTF-8/,
  ]),
  of("a duplicate attribute", changed('target="vdc"', 'target="vdc" target="vdd"'), [
    "not-well-formed",
    '<drive disk="swap.raw" target="vdc" ',
    /duplicate attribute: target/,
  ]),
  of("a DOCTYPE", changed("<image ", "<!DOCTYPE image>\n<image "), [
    "doctype",
    "<!DOCTYPE image>",
    /DOCTYPE/,
  ]),
  of("an unknown entity", changed("Web server", "&web;"), [
    "entity",
    "<label>&web;</label>",
    /unknown entity/,
  ]),
  of("a document beyond all measure", changed("Web server", "x".repeat(1_100_000)), [
    "too-large",
    undefined,
    /document of 1\.1 MiB, expected at most 1\.0 MiB/,
  ]),
  of("the first bytes of a document beyond all measure", " ".repeat(1_048_577), [
    "too-large",
    undefined,
    /^sample: document is larger than 1\.0 MiB, the most that is accepted$/,
  ]),
  of("another document", "<domain/>", ["not-an-image", "<domain/>", /<domain>, expected <image>/]),
  of("an image of another namespace", '<image xmlns="urn:x"/>', [
    "not-an-image",
    '<image xmlns="urn:x"/>',
    /"urn:x"/,
  ]),
  of("no domain", "<image><name>x</name></image>", [
    "domain-missing",
    "<image><name>x</name></image>",
    /no <domain>/,
  ]),
  of("two domains", changed("</domain>", "</domain>\n<domain/>"), [
    "domain-repeated",
    "<domain/>",
    /second/,
  ]),
  of("no boot", "<image><name>x</name>\n<domain/></image>", [
    "boot-missing",
    "<domain/></image>",
    /no <boot>/,
  ]),
  of("a boot of another type", changed('type="xen"', 'type="lxc"'), [
    "boot-type-invalid",
    '<boot type="lxc">',
    /"lxc", expected xen or hvm/,
  ]),
  of("a boot without type", changed('<boot type="hvm">', "<boot>"), [
    "boot-type-invalid",
    "<boot>",
    /type is missing/,
  ]),
  of("no architecture", changed("<arch>x86_64</arch>", ""), [
    "arch-missing",
    '<boot type="hvm">',
    /no <guest><arch>/,
  ]),
  of("an architecture that is none", changed("x86_64", "x86/64"), [
    "arch-invalid",
    '<boot type="hvm">',
    /"x86\/64"/,
  ]),
  of("a feature in between", changed('state="off"', 'state="maybe"'), [
    "feature-invalid",
    '<acpi state="maybe"/>',
    /feature acpi: state "maybe"/,
  ]),
  of(
    "a program of the builder's choice",
    changed('<loader dev="hd"/>', "<loader>/bin/sh</loader>"),
    ["loader-invalid", "<loader>/bin/sh</loader>", /"\/bin\/sh", expected pygrub/],
  ),
  of("an unknown loader device", changed('dev="hd"', 'dev="fd"'), [
    "loader-invalid",
    '<loader dev="fd"/>',
    /"fd"/,
  ]),
  of("a drive without disk", changed('<drive disk="data.qcow2"/>', "<drive/>"), [
    "drive-invalid",
    "<drive/>",
    /"disk" is missing/,
  ]),
  of("a drive naming an unknown disk", changed('disk="swap.raw"', 'disk="swop.raw"'), [
    "drive-unknown-disk",
    '<drive disk="swop.raw" target="vdc"/',
    /"swop.raw" is not in <storage>, expected one of: "root", "data.qcow2", "swap.raw"/,
  ]),
  of("a disk attached twice", changed('<drive disk="data.qcow2"/>', '<drive disk="root"/>'), [
    "drive-repeated",
    '<drive disk="root"/>',
    /"root" is attached twice/,
  ]),
  of("two drives with one target", changed('target="vdc"', 'target="vda"'), [
    "target-repeated",
    '<drive disk="swap.raw" target="vda"/',
    /"vda" is used twice/,
  ]),
  of("a target that is an option", changed('target="vdc"', 'target="vdc,readonly=on"'), [
    "target-invalid",
    '<drive disk="swap.raw" target="vdc,r',
    /expected a device/,
  ]),
  of("a system disk without file", changed('file="disks/root.raw"', ""), [
    "disk-without-file",
    '<disk id="root"  use="system" ',
    /"root": no "file", expected one; in a recipe, the name of the disk to create$/,
  ]),
  of("two disks with one id", changed('file="swap.raw"', 'id="root" file="swap.raw"'), [
    "disk-id-repeated",
    '<disk id="root" file="swap.raw',
    /"root": second disk/,
  ]),
  of("an id with a control character", changed('id="root"', 'id="ro&#9;ot"'), [
    "disk-id-invalid",
    '<disk id="ro&#9;ot" file="disk',
    /id has 5 characters/,
  ]),
  of("two disks in one file", changed('file="swap.raw"', 'id="swap.raw" file="data.qcow2"'), [
    "file-repeated",
    '<disk id="swap.raw" file="data',
    /the same file "data.qcow2"/,
  ]),
  of("case twins", changed('file="swap.raw"', 'id="swap.raw" file="DATA.qcow2"'), [
    "file-case-twin",
    '<disk id="swap.raw" file="DATA',
    /"DATA.qcow2" differs from "data.qcow2" in case only/,
  ]),
  of("an unknown role", changed('use="scratch"', 'use="tmp"'), [
    "disk-role-unknown",
    '<disk file="swap.raw" use="tmp',
    /"tmp"/,
  ]),
  of("an unknown format", changed('format="qcow2"', 'format="vhdx"'), [
    "disk-format-unknown",
    '<disk file="data.qcow2" use="d',
    /"vhdx", expected one of raw/,
  ]),
  of("a negative size", changed('size="512"', 'size="-512"'), [
    "disk-size-invalid",
    '<disk file="swap.raw" use="scr',
    /-536870912/,
  ]),
  of("no size at all", changed('size="512"', 'size="0"'), [
    "disk-size-invalid",
    '<disk file="swap.raw" use="scr',
    /is 0 B,/,
  ]),
  of("an absurd size", changed('size="512"', 'size="99999999999999999999"'), [
    "disk-size-invalid",
    '<disk file="swap.raw" use="scr',
    / PiB, expected 1 B to 1\.0 PiB/,
  ]),
  of("sizes that contradict", changed('va:bytes="10000000"', 'va:bytes="1"'), [
    "disk-size-invalid",
    '<disk file="data.qcow2" use="d',
    /10 MiB, but bytes is 1/,
  ]),
  of("a size that is no number", changed('size="512"', 'size="512M"'), [
    "number-invalid",
    '<disk file="swap.raw" use="scr',
    /"swap.raw": size: "512M"/,
  ]),
  of("a checksum of the wrong length", changed("afd80709", "afd807"), [
    "checksum-invalid",
    '<disk id="root" file="disks/ro',
    /sha1 checksum .*, expected 40 hex digits/,
  ]),
  of("a checksum that is not hex", changed("afd80709", "afd8070x"), [
    "checksum-invalid",
    '<disk id="root" file="disks/ro',
    /sha1/,
  ]),
  of(
    "two checksums that contradict",
    changed(
      'type="sha1">da39',
      'type="sha256">' + "0".repeat(64) + '</checksum><checksum type="sha1">da39',
    ),
    ["checksum-invalid", '<checksum type="sha256">e3b0', /two different sha256/],
  ),
  of("an absolute kernel", changed("boot/vmlinuz", "/boot/vmlinuz"), [
    "path-unsafe",
    "<kernel>/boot/vmlinuz</kernel>",
    /kernel: path "\/boot\/vmlinuz" is absolute, expected a relative path/,
  ]),
  of("an initrd outside", changed("boot/initrd.img", "../initrd.img"), [
    "path-unsafe",
    "<initrd>../initrd.img</initrd>",
    /"\.\."/,
  ]),
  of("a disk far outside", changed('"swap.raw" use', '"a/../../../etc/shadow" id="swap.raw" use'), [
    "path-unsafe",
    '<disk file="a/../../../etc/sha',
    /leaves its folder/,
  ]),
  of("a package list outside", changed("doc/packages.txt", "/etc/passwd"), [
    "path-unsafe",
    "<va:package-list>/etc/passwd</va:pac",
    /absolute/,
  ]),
  of("a path with a control character", changed('"swap.raw" use', '"a&#10;b" id="swap.raw" use'), [
    "path-unsafe",
    '<disk file="a&#10;b" id="swap.',
    /control character/,
  ]),
  of("a name of 101 bytes", changed('"swap.raw" use', `"${"x".repeat(101)}" id="swap.raw" use`), [
    "path-unsafe",
    '<disk file="xxxxxxxxxxxxxxxxxx',
    /101 bytes, expected at most 100/,
  ]),
  of("half a processor", changed(">2</vcpu>", ">0.5</vcpu>"), [
    "number-invalid",
    "<vcpu>0.5</vcpu>",
    /vcpu: "0.5"/,
  ]),
  of("no processor", changed(">2</vcpu>", ">0</vcpu>"), [
    "vcpu-out-of-range",
    "<vcpu>0</vcpu>",
    /expected 1 to/,
  ]),
  of("too many processors", changed(">2</vcpu>", ">65536</vcpu>"), [
    "vcpu-out-of-range",
    "<vcpu>65536</vcpu>",
    /65536/,
  ]),
  of("memory in another unit", changed("<memory>", '<memory unit="MiB">'), [
    "memory-out-of-range",
    '<memory unit="MiB">1048576</memory>',
    /unit "MiB"/,
  ]),
  of("memory that was meant in MiB", changed(">1048576<", ">1024<"), [
    "memory-out-of-range",
    "<memory>1024</memory>",
    /1024/,
  ]),
  of("negative memory", changed(">1048576<", ">-1048576<"), [
    "memory-out-of-range",
    "<memory>-1048576</memory>",
    /-1048576/,
  ]),
  of("absurd memory", changed(">1048576<", ">68719476737<"), [
    "memory-out-of-range",
    "<memory>68719476737</memory>",
    /68719476737/,
  ]),
  of("memory of 400 digits", changed(">1048576<", `>${"9".repeat(400)}<`), [
    "number-invalid",
    "<memory>999",
    /^memory: "9{80}…", expected a whole number of at most 30 digits$/,
  ]),
  of("a minimum above the memory", changed(">524288<", ">1048577<"), [
    "memory-out-of-range",
    "<va:minimum-memory>1048577</va:minim",
    /at most the memory/,
  ]),
  of("a network card of two words", changed('model="virtio"', 'model="virtio,mac=1"'), [
    "model-invalid",
    '<interface va:model="virtio,mac=1"/>',
    /interface/,
  ]),
  of("no name", changed(">web</name>", "/>"), ["name-missing", "<name", /missing/]),
  of("a name with a slash", changed(">web<", ">../web<"), ["name-invalid", "<name", /"..\/web"/]),
  of("a name with a space", changed(">web<", ">my web<"), [
    "name-invalid",
    "<name",
    /letters, digits/,
  ]),
  of("a name with a plus", changed(">web<", ">web+<"), ["name-invalid", "<name", /"web\+"/]),
  of("a name with two dots", changed(">web<", ">w..b<"), ["name-invalid", "<name", /rpm refuses/]),
  of("a name of 101 characters", changed(">web<", `>${"w".repeat(101)}<`), [
    "name-invalid",
    "<name",
    /at most 100/,
  ]),
  of("a version with a dash", changed("1.2~rc1", "1.2-3"), ["version-invalid", "<name", /"1.2-3"/]),
  of("a version with a space", changed("1.2~rc1", "1 2"), ["version-invalid", "<name", /"1 2"/]),
  of("a version with a macro", changed("1.2~rc1", "%(id)"), [
    "version-invalid",
    "<name",
    /expected letters/,
  ]),
  of("a release with a dash", changed("3.fc40", "3-1"), [
    "release-invalid",
    "<name",
    /release "3-1"/,
  ]),
  of("a negative epoch", changed('epoch="2"', 'epoch="-1"'), ["epoch-invalid", "<name", /-1/]),
  of("an epoch of 33 bits", changed('epoch="2"', 'epoch="4294967296"'), [
    "epoch-invalid",
    "<name",
    /4294967296/,
  ]),
  of("a date that is none", changed("2026-01-31T12:00:00Z", "31.1.2026"), [
    "date-invalid",
    "<va:date>31.1.2026</va:date>",
    /ISO|day/,
  ]),
  of("a day that is none", changed("2026-01-31T12:00:00Z", "2026-02-30"), [
    "date-invalid",
    "<va:date>2026-02-30</va:date>",
    /02-30/,
  ]),
  of("a date before time", changed("2026-01-31T12:00:00Z", "1969-12-31"), [
    "date-invalid",
    "<va:date>1969-12-31</va:date>",
    /-86400/,
  ]),
  of(
    "a changelog that begins with the oldest entry",
    changed(
      "<va:vendor>Example</va:vendor>",
      "<va:changelog>* Mon Jan 05 2026 B\n- x\n* Sat Jan 31 2026 A\n- y</va:changelog>",
    ),
    ["changelog-invalid", "<va:changelog>* Mon Jan 05", /its line 3: .*newest first/],
  ),
  of("a label beyond all measure", changed("Web server", "x".repeat(3000)), [
    "text-invalid",
    "<label>xxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    /3000/,
  ]),
  of("a label with an escape sequence of C1", changed("Web server", "&#x9b;31m"), [
    "text-invalid",
    "<label>&#x9b;31m</label>",
    /control/,
  ]),
  of("unknown firmware", changed(">uefi<", ">coreboot<"), [
    "firmware-unknown",
    "<va:firmware>coreboot</va:firmware>",
    /"coreboot"/,
  ]),
  of("an osinfo id with spaces", changed("http://debian.org/debian/12", "Debian 12"), [
    "osinfo-invalid",
    "<va:osinfo>Debian 12</va:osinfo>",
    /"Debian 12"/,
  ]),
  of("a parameter without name", changed('name="motd"', ""), [
    "parameter-invalid",
    '<va:parameter  default=""/>',
    /not an identifier/,
  ]),
  of("a parameter that may be required", changed('required="yes"', 'required="perhaps"'), [
    "parameter-invalid",
    '<va:parameter name="HOSTNAME" defaul',
    /"perhaps", expected yes or no/,
  ]),
  of("two parameters of one name", changed('name="motd"', 'name="HOSTNAME"'), [
    "parameter-repeated",
    '<va:parameter name="HOSTNAME" defaul',
    /twice/,
  ]),
  of("an army of interfaces", changed("<interface/>", "<interface/>".repeat(70)), [
    "too-many",
    '<interface va:model="virtio"/>',
    /interfaces: 71/,
  ]),
];

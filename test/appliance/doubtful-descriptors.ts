import { type DescriptorCase, of } from "./descriptor-case.ts";
import { changed, sampleDescriptor } from "../fixtures/sample-descriptor.ts";

/** Descriptors that are read with a warning. */
export const doubtfulDescriptors: readonly DescriptorCase[] = [
  of("another name of an architecture", changed(">i686<", ">i386<"), [
    "arch-alias",
    "<arch>i386</arch>",
    /"i386", expected i686/,
  ]),
  of("a boot without drive", changed('<drive disk="root" target="xvda"/>', ""), [
    "boot-without-drive",
    '<boot type="xen">',
    /no <drive>/,
  ]),
  of(
    "a changelog with another day of the week",
    changed(
      "<va:vendor>Example</va:vendor>",
      "<va:changelog>* Tue Jan 05 2026 B\n- x</va:changelog>",
    ),
    ["changelog-doubtful", "<va:changelog>* Tue Jan 05", /is a Mon, not a Tue/],
  ),
  of(
    "a checksum said twice",
    changed(
      "</checksum>\n    </disk>",
      '</checksum><checksum type="sha1">da39a3ee5e6b4b0d3255bfef95601890afd80709</checksum></disk>',
    ),
    ["checksum-repeated", '<checksum type="sha256">e3b0c44298fc', /sha1 checksum appears twice/],
  ),
  of("a checksum of another type", changed('type="sha1"', 'type="md5"'), [
    "checksum-unknown",
    '<checksum type="md5">da39a3ee5e6b4b0',
    /"md5" is not checked/,
  ]),
  of(
    "only a weak checksum",
    changed(
      '<checksum type="sha256">e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855</checksum>',
      "",
    ),
    ["checksum-weak", '<disk id="root" file="disks/ro', /only an sha1/],
  ),
  of("an extension that contradicts", changed('format="qcow2"', 'format="raw"'), [
    "disk-format-doubtful",
    '<disk file="data.qcow2" use="d',
    /has qcow2/,
  ]),
  of("a disk that nothing can use", changed("</storage>", '<disk size="1"/></storage>'), [
    "disk-ignored",
    '<disk size="1"/></storage>',
    /left out/,
  ]),
  of("a disk without role", changed('use="system"', ""), [
    "disk-role-missing",
    '<disk id="root" file="disks/ro',
    /uses system/,
  ]),
  of("a data disk without size", changed(' size="10"', "").replace(' va:bytes="10000000"', ""), [
    "disk-size-missing",
    '<disk file="data.qcow2" use="d',
    /without it a data disk needs its file/,
  ]),
  of("a disk that no boot attaches", changed('<drive disk="data.qcow2"/>', ""), [
    "disk-unused",
    '<disk file="data.qcow2" use="d',
    /no <boot>/,
  ]),
  of("system disks only", sampleDescriptor.replace(/use="(?:data|scratch)"/g, 'use="system"'), [
    "disks-all-system",
    '<disk id="root" file="disks/ro',
    /all 3 disks/,
  ]),
  of("an element said twice", changed("<vcpu>", "<vcpu>4</vcpu><vcpu>"), [
    "element-repeated",
    "<vcpu>4</vcpu><vcpu>2</vcpu>",
    /first counts/,
  ]),
  of("the older word for data", changed('use="data"', 'use="user"'), [
    "legacy-form",
    '<disk file="data.qcow2" use="u',
    /"user", expected "data"/,
  ]),
  of("version and release in one", changed('"1.2~rc1" release="3.fc40"', '"1.2-3"'), [
    "legacy-form",
    "<name",
    /"1.2-3"/,
  ]),
  of("a scratch disk that is only an id and a size", changed('file="swap.raw"', 'id="swap.raw"'), [
    "legacy-form",
    '<disk id="swap.raw" use="scrat',
    /no "file"; "swap.raw" is taken/,
  ]),
  of("an element without effect", changed("<arch>i686", "<os_type>xen</os_type><arch>i686"), [
    "legacy-ignored",
    "<os_type>xen</os_type><arch>i686</ar",
    /os_type/,
  ]),
  of("no memory", changed("<memory>1048576</memory>", ""), [
    "memory-missing",
    "<domain>",
    /expected KiB/,
  ]),
  of("two ways to boot", changed('<loader dev="hd"/>', '<loader dev="hd"/><kernel>k</kernel>'), [
    "os-contradictory",
    '<loader dev="hd"/><kernel>k</kernel>',
    /kernel counts/,
  ]),
  of("no way to boot", changed('<loader dev="hd"/>', ""), [
    "os-missing",
    "<os>",
    /uses the hard disk/,
  ]),
  of("a path with superfluous parts", changed("boot/vmlinuz", "./boot//vmlinuz"), [
    "path-not-canonical",
    "<kernel>./boot//vmlinuz</kernel>",
    /expected "boot\/vmlinuz"/,
  ]),
  of("a path with spaces", changed("boot/vmlinuz", "boot/my kernel"), [
    "path-not-portable",
    "<kernel>boot/my kernel</kernel>",
    /letters, digits/,
  ]),
  of("stray text", changed("<devices>", "<devices>\nNone\n"), ["stray-text", "None", /"None"/]),
  of("an unknown attribute", changed("<graphics/>", '<graphics type="vnc"/>'), [
    "unknown-attribute",
    '<graphics type="vnc"/>',
    /"type"/,
  ]),
  of("an unknown element", changed("<graphics/>", "<graphics/><sound/>"), [
    "unknown-element",
    "<graphics/><sound/>",
    /<sound>/,
  ]),
  of("an unknown element of ours", changed("<graphics/>", "<graphics/><va:sound/>"), [
    "unknown-element",
    "<graphics/><va:sound/>",
    /<sound>/,
  ]),
  of("no processors", changed("<vcpu>2</vcpu>", ""), ["vcpu-missing", "<domain>", /uses 1/]),
  of("no version", changed(' version="1.2~rc1" release="3.fc40"', ""), [
    "version-missing",
    "<name",
    /no version/,
  ]),
];

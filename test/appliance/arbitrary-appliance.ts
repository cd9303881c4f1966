import * as fc from "fast-check";
import {
  type Appliance,
  type Boot,
  type BootOs,
  type Disk,
  diskFormatNames,
} from "../../src/appliance/index.ts";

function matching(form: RegExp): fc.Arbitrary<string> {
  return fc.stringMatching(form);
}

function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 3 });
}

const word = matching(/^[A-Za-z0-9][A-Za-z0-9_]{0,8}$/);
const letters = fc.oneof(
  fc.constantFrom("&", "<", ">", '"', "'", "]]>", "é", "😀", "\u00a0x", "a", "Z", "0", "-"),
  fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
);
const line = fc
  .array(fc.string({ unit: letters, minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 })
  .map((words) => words.join(" ").replace(/\s+/g, " ").trim())
  .filter((text) => text !== "");
const block = fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => lines.join("\n\t"));
const version = matching(/^[A-Za-z0-9][A-Za-z0-9._~^]{0,10}$/).filter((v) => !v.includes(".."));
const kiB = fc.integer({ min: 4000, max: 2 ** 36 });

/** Names that differ without regard to case, in folders or not. */
const files = fc.uniqueArray(
  fc.tuple(fc.constantFrom("", "disks/", "a b/", "é/"), word, fc.constantFrom("", ".raw", ".x.y")),
  { minLength: 1, maxLength: 6, selector: (parts) => parts.join("").toLowerCase() },
);

function arbitraryDisk(file: string, id: string | undefined): fc.Arbitrary<Disk> {
  const hex = (length: number): fc.Arbitrary<string> =>
    fc
      .uint8Array({ minLength: length / 2, maxLength: length / 2 })
      .map((bytes) => Buffer.from(bytes).toString("hex"));
  return fc.record({
    id: fc.constant(id ?? file),
    file: fc.constant(file),
    role: fc.constantFrom("system", "data", "scratch"),
    format: fc.constantFrom(...diskFormatNames),
    sizeBytes: maybe(fc.integer({ min: 1, max: 2 ** 50 })),
    checksums: fc.constantFrom([], ["sha1"], ["sha256"], ["sha1", "sha256"]).chain((types) =>
      fc.tuple(
        ...types.map((type) =>
          fc.record({
            type: fc.constant(type),
            value: hex(type === "sha1" ? 40 : 64),
          }),
        ),
      ),
    ),
    line: fc.constant(1),
  });
}

const disks: fc.Arbitrary<readonly Disk[]> = files.chain((parts) =>
  fc.tuple(
    ...parts.map((part, index) =>
      maybe(fc.constant(`disk ${index}`)).chain((id) => arbitraryDisk(part.join(""), id)),
    ),
  ),
);

function arbitraryOs(type: "xen" | "hvm"): fc.Arbitrary<BootOs> {
  const kernel = fc.record({
    kind: fc.constant("kernel" as const),
    kernel: fc.constant("boot/vmlinuz"),
    initrd: maybe(fc.constant("boot/initrd")),
    cmdline: maybe(line),
  });
  const loader = fc.record({
    kind: fc.constant("loader" as const),
    device: fc.constantFrom("hd" as const, "cdrom" as const),
  });
  const bootloader = fc.constant({ kind: "bootloader", program: "pygrub" } as const);
  return type === "xen" ? fc.oneof(kernel, bootloader) : fc.oneof(kernel, loader);
}

function arbitraryBoot(all: readonly Disk[]): fc.Arbitrary<Boot> {
  const state = fc.constantFrom("on" as const, "off" as const);
  return fc.constantFrom("xen" as const, "hvm" as const).chain((type) =>
    fc.record({
      type: fc.constant(type),
      arch: fc.constantFrom("i686", "x86_64", "aarch64", "s390x"),
      features: fc.record({ pae: state, acpi: state, apic: state }, { requiredKeys: [] }),
      os: arbitraryOs(type),
      drives: fc.shuffledSubarray([...all]).map((chosen) =>
        chosen.map((disk, index) => ({
          disk: disk.id,
          target: index % 2 === 0 ? `vd${"abcdef"[index]}` : undefined,
          line: 1,
        })),
      ),
      line: fc.constant(1),
    }),
  );
}

/** Appliances of every shape that have no error; all their lines are 1. */
export const arbitraryAppliance: fc.Arbitrary<Appliance> = disks
  .chain((all) =>
    fc.record({
      name: matching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,20}$/),
      version: maybe(version),
      release: maybe(version),
      epoch: maybe(fc.integer({ min: 0, max: 2 ** 32 - 1 })),
      label: maybe(line),
      description: maybe(block),
      license: maybe(line),
      url: maybe(line),
      vendor: maybe(line),
      packager: maybe(line),
      changelog: maybe(
        fc.constantFrom(
          "* Mon Jan 05 2026 A <a@b> - 1-1\n- new",
          "* Mon Jan 05 2026 A\nx\n\n* Thu Jan 01 2026 B\n  y",
        ),
      ),
      dateSeconds: maybe(fc.integer({ min: 0, max: 2 ** 32 - 1 })),
      boots: fc.array(arbitraryBoot(all), { minLength: 1, maxLength: 3 }),
      vcpu: fc.integer({ min: 1, max: 65_535 }),
      memoryKiB: maybe(kiB),
      minimumMemoryKiB: maybe(fc.constant(4000)),
      interfaces: fc.array(fc.record({ model: maybe(word) }), { maxLength: 3 }),
      graphics: fc.boolean(),
      firmware: maybe(fc.constantFrom("bios" as const, "uefi" as const)),
      osinfo: maybe(fc.constantFrom("http://debian.org/debian/12", "debian12")),
      parameters: fc.uniqueArray(
        fc.record({
          name: matching(/^[A-Za-z_][A-Za-z0-9_.-]{0,8}$/),
          description: maybe(line),
          default: maybe(fc.string({ unit: fc.oneof(letters, fc.constantFrom(" ", "\n", "\t")) })),
          required: fc.boolean(),
        }),
        { maxLength: 3, selector: (parameter) => parameter.name },
      ),
      packageList: maybe(fc.constant("doc/packages.txt")),
      disks: fc.constant(all),
    }),
  )
  // Generated records have no prototype, parsed ones have the usual one.
  .map((appliance) => structuredClone(appliance));

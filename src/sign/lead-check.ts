import { formatOf, type RpmPackage } from "../rpm/index.ts";
import type { Deviation, DeviationCode } from "./deviation.ts";
import { type Check, checkDeviations } from "./verification.ts";

/** Place of the name in the lead; see `rpm/format/lead.ts` for its layout. */
const NAME = { start: 10, length: 66 } as const;

/** Architecture numbers that builders write for each architecture. */
const architectures: Readonly<Record<string, readonly number[]>> = {
  x86_64: [1],
  i386: [1],
  i486: [1],
  i586: [1],
  i686: [1],
  ppc64: [16],
  ppc64le: [16],
  armv7hl: [12],
  s390x: [15],
  aarch64: [19],
  riscv64: [22],
  // rpmbuild writes the number of the build machine; other tools write 0 or 255.
  noarch: [255, 1, 12, 15, 16, 19, 22],
};

function expectedNames({ nevra }: RpmPackage): Buffer[] {
  const { name, epoch, version, release } = nevra;
  const texts = [`${name}-${version}-${release}`];
  if (epoch !== undefined) texts.push(`${name}-${epoch}:${version}-${release}`);
  return texts.map((text) => {
    const field = Buffer.alloc(NAME.length);
    Buffer.from(text).copy(field, 0, 0, NAME.length - 1);
    return field;
  });
}

function deviations(lead: Buffer, rpm: RpmPackage): Deviation[] {
  const found: Deviation[] = [];
  const expect = (
    code: DeviationCode,
    label: string,
    {
      value,
      allowed,
    }: { readonly value: number; readonly allowed?: readonly number[] | undefined },
  ): void => {
    if (allowed !== undefined && !allowed.includes(value)) {
      found.push({ code, fact: `${label} is ${value}, expected ${allowed[0]}` });
    }
  };
  // Packages of format 6 have 4.0 here, and 3.0 after an older rpmsign has rewritten them.
  const isV6 = formatOf(rpm) === 6;
  const formats = isV6 ? [0x0400, 0x0300] : [0x0300];
  expect("lead-format", "format", { value: lead.readUInt16BE(4), allowed: formats });
  const type = rpm.isSource ? 1 : 0;
  expect("lead-type", "type", { value: lead.readUInt16BE(6), allowed: [type] });
  const [architecture, system] = [lead.readUInt16BE(8), lead.readUInt16BE(76)];
  // rpm 6 writes 0 for both, in every format.
  if (architecture !== 0 || system !== 0) {
    const allowed = architectures[rpm.nevra.arch];
    expect("lead-architecture", "architecture", { value: architecture, allowed });
    expect("lead-system", "operating system", { value: system, allowed: [1] });
  }
  const name = lead.subarray(NAME.start, NAME.start + NAME.length);
  if (!expectedNames(rpm).some((field) => field.equals(name))) {
    found.push({ code: "lead-name", fact: "name differs from the header's" });
  }
  if (lead.subarray(80).some((byte) => byte !== 0)) {
    found.push({ code: "lead-reserved", fact: "reserved bytes are not zero" });
  }
  return found;
}

/** Faults that rpm before 6 refuses; rpm 6 checks only the magic. */
function faults(lead: Buffer): string[] {
  const [major, signatureType] = [lead.readUInt8(4), lead.readUInt16BE(78)];
  return [
    ...(major === 3 || major === 4 ? [] : [`format is ${major}, expected 3 or 4`]),
    ...(signatureType === 5 ? [] : [`signature type is ${signatureType}, expected 5`]),
  ];
}

/**
 * Checks the lead, which no digest covers, and compares it with the main header.
 *
 * @param lead  the first 96 bytes of the file
 */
export function checkLead(lead: Buffer, rpm: RpmPackage): Check {
  const bad = faults(lead);
  if (bad.length > 0) return { what: "lead", status: "bad", detail: bad.join("; ") };
  return checkDeviations("lead", deviations(lead, rpm));
}

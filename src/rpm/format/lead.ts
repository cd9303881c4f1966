/**
 * The lead: 96 bytes that open every package, big-endian.
 *
 *      0  magic ed ab ee db
 *      4  major and minor version: 3.0 in format 4, 4.0 in format 6
 *      6  type (2): 0 binary, 1 source
 *      8  architecture number (2); 0 in format 6
 *     10  name-[epoch:]version-release, 66 bytes, NUL-padded
 *     76  operating system number (2): 1 is Linux; 0 in format 6
 *     78  signature type (2): 5, a signature header follows
 *     80  reserved (16)
 *
 * rpm itself reads nothing but the magic; file(1) and others read the rest.
 * Source: rpm manual, "RPM v4 package format"; rpm `lib/rpmlead.c`.
 */
import { ApplianceError } from "../../errors.ts";
import { malformed } from "./malformed.ts";
import type { RpmFormat } from "./rpm-format.ts";

/** Size of the lead in bytes. */
export const LEAD_BYTES = 96;

const MAGIC = 0xedabeedb;
const NAME_BYTES = 66;
const SIGNATURE_TYPE_HEADER = 5;
const LINUX = 1;

/** Numbers that rpm writes for architectures; 0 and 255 are what it writes for others and for noarch. */
const architectures: Readonly<Record<string, number>> = {
  i386: 1,
  i486: 1,
  i586: 1,
  i686: 1,
  x86_64: 1,
  ppc: 5,
  ppc64: 16,
  ppc64le: 16,
  armv7hl: 12,
  s390x: 15,
  aarch64: 19,
  riscv64: 22,
  noarch: 255,
};

/** The used fields of the lead. */
export interface Lead {
  readonly major: number;
  readonly minor: number;
  readonly isSource: boolean;
  readonly name: string;
}

/**
 * Encodes the lead of a binary package. Readers use only the magic; the name is informative.
 *
 * @param nevr  name-[epoch:]version-release; cut to 65 bytes, NUL-padded to 66
 * @param arch  rpm's architecture name
 * @returns exactly 96 bytes
 * @throws ApplianceError `RPM_BAD_PLAN` if nevr is empty or contains a control character
 */
export function encodeLead(nevr: string, arch: string, format: RpmFormat = 4): Uint8Array {
  // eslint-disable-next-line no-control-regex -- control characters are what is searched for
  if (nevr === "" || /[\u0000-\u001f\u007f]/.test(nevr)) {
    throw new ApplianceError(
      "RPM_BAD_PLAN",
      `${nevr}: name is empty or contains a control character`,
    );
  }
  const bytes = Buffer.alloc(LEAD_BYTES);
  bytes.writeUInt32BE(MAGIC, 0);
  bytes.writeUInt8(format === 4 ? 3 : 4, 4);
  if (format === 4) {
    bytes.writeUInt16BE(architectures[arch] ?? 0, 8);
    bytes.writeUInt16BE(LINUX, 76);
  }
  Buffer.from(nevr, "utf8")
    .subarray(0, NAME_BYTES - 1)
    .copy(bytes, 10);
  bytes.writeUInt16BE(SIGNATURE_TYPE_HEADER, 78);
  return bytes;
}

/**
 * Decodes the lead.
 *
 * @throws ApplianceError `RPM_MALFORMED` if there are fewer than 96 bytes or the magic differs
 */
export function decodeLead(bytes: Buffer, origin: string): Lead {
  if (bytes.length < LEAD_BYTES) {
    throw malformed(origin, bytes.length, `ends inside the lead, expected ${LEAD_BYTES} bytes`);
  }
  const magic = bytes.readUInt32BE(0);
  if (magic !== MAGIC) {
    throw malformed(
      origin,
      0,
      `not an RPM package: magic is ${magic.toString(16).padStart(8, "0")}, expected edabeedb`,
    );
  }
  const name = bytes.subarray(10, 10 + NAME_BYTES);
  const end = name.indexOf(0);
  return {
    major: bytes.readUInt8(4),
    minor: bytes.readUInt8(5),
    isSource: bytes.readUInt16BE(6) === 1,
    name: name.subarray(0, end === -1 ? NAME_BYTES : end).toString("utf8"),
  };
}

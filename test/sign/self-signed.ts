import { readFile } from "node:fs/promises";
import { decodeArmor, encodeArmor } from "../../src/sign/armor.ts";
import { parseSecretKey, privateNumbersOf } from "../../src/sign/openpgp/index.ts";
import { makePacketSigner, subpacket } from "../../src/sign/packet-signer.ts";
import { encodeUint16, encodeUint32, subpacketTypes } from "../../src/sign/signature-packet.ts";

/** One more signature of a key over itself, of a form that gpg does not make by itself. */
export interface SelfSignature {
  readonly over: "key" | "user";
  readonly at: string;
  /** How long the key lives, from when it was made. */
  readonly keyDays?: number;
  /** How long the signature counts. */
  readonly days?: number;
  /** Default: for certifying and signing. */
  readonly flags?: number;
  /** Marks the subpackets of this type as critical; adds one when there is none. */
  readonly critical?: number;
}

interface Packet {
  readonly tag: number;
  readonly bytes: Buffer;
  readonly body: Buffer;
}

/** Takes a key apart into its packets. */
function packetsOf(bytes: Buffer): Packet[] {
  const packets: Packet[] = [];
  for (let at = 0; at < bytes.length;) {
    const head = bytes.readUInt8(at);
    if ((head & 0xc0) !== 0x80) throw new Error("expected old packet headers, as gpg writes them");
    const lengthBytes = 1 << (head & 3);
    const length = bytes.readUIntBE(at + 1, lengthBytes);
    const start = at + 1 + lengthBytes;
    packets.push({
      tag: (head >> 2) & 0x0f,
      bytes: bytes.subarray(at, start + length),
      body: bytes.subarray(start, start + length),
    });
    at = start + length;
  }
  return packets;
}

/** Returns an armored public key with one more self-signature at the end of those of its place. */
export async function selfSigned(
  files: { readonly public: string; readonly secret: string },
  wanted: SelfSignature,
): Promise<string> {
  const key = await parseSecretKey(await readFile(files.secret), files.secret);
  const numbers = privateNumbersOf(key);
  const fingerprint = Buffer.from(key.getFingerprint(), "hex");
  if (numbers === undefined) throw new Error("cannot sign with this key");
  const armored = await readFile(files.public, "utf8");
  const decoded = decodeArmor("PUBLIC KEY BLOCK", armored);
  if ("fault" in decoded) throw new Error(decoded.fault);
  const packets = packetsOf(Buffer.from(decoded));
  const [primary] = packets;
  const user = packets.find(({ tag }) => tag === 13);
  if (primary === undefined || user === undefined) throw new Error("no key with a user id");
  const seconds = (days: number) => encodeUint32(days * 86_400);
  const subpackets = [
    subpacket(subpacketTypes.keyFlags, Uint8Array.of(wanted.flags ?? 0x03)),
    ...(wanted.keyDays === undefined
      ? []
      : [subpacket(subpacketTypes.keyExpirationTime, seconds(wanted.keyDays))]),
    ...(wanted.days === undefined
      ? []
      : [subpacket(subpacketTypes.expirationTime, seconds(wanted.days))]),
  ];
  if (wanted.critical !== undefined && !subpackets.some(({ type }) => type === wanted.critical)) {
    const body = wanted.critical === subpacketTypes.keyExpirationTime ? seconds(9999) : undefined;
    subpackets.push(subpacket(wanted.critical, body ?? Uint8Array.of(1)));
  }
  const marked = subpackets.map((one) => ({ ...one, critical: one.type === wanted.critical }));
  const hashedKey = [Uint8Array.of(0x99), encodeUint16(primary.body.length), primary.body];
  const hashedUser = [Uint8Array.of(0xb4), encodeUint32(user.body.length), user.body];
  const packet = makePacketSigner(
    numbers,
    fingerprint,
  )({
    signatureType: wanted.over === "key" ? 0x1f : 0x13,
    subpackets: marked,
    createdSeconds: new Date(wanted.at).getTime() / 1000,
    data: Buffer.concat([...hashedKey, ...(wanted.over === "user" ? hashedUser : [])]),
  });
  const before = wanted.over === "key" ? 1 : packets.indexOf(user) + 2;
  const bytes = packets.map((one) => one.bytes);
  const changed = Buffer.concat([...bytes.slice(0, before), packet, ...bytes.slice(before)]);
  return encodeArmor("PUBLIC KEY BLOCK", changed);
}

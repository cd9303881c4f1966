import { enums, generateKey, type PrivateKey, readPrivateKey, readSignature } from "openpgp";
import { makePacketSigner, subpacket } from "../packet-signer.ts";
import { encodeUint16, encodeUint32, signatureTypes, subpacketTypes } from "../signature-packet.ts";
import { config } from "./config.ts";
import { privateNumbersOf } from "./secret-keys.ts";

const SECONDS_PER_DAY = 86_400;

/** Temporary user id for the library, until the key gets its own. */
const PLACEHOLDER = { name: "key", email: "key@example.com" };

/** Subpackets of the self-signature. The preferences concern encryption to the owner. */
function selfSignatureSubpackets(lifetimeSeconds: number | undefined) {
  const { hash, symmetric, compression } = enums;
  const of = (type: number, ...body: number[]) => subpacket(type, Uint8Array.from(body));
  return [
    of(subpacketTypes.keyFlags, enums.keyFlags.certifyKeys | enums.keyFlags.signData),
    ...(lifetimeSeconds === undefined
      ? []
      : [subpacket(subpacketTypes.keyExpirationTime, encodeUint32(lifetimeSeconds))]),
    of(subpacketTypes.preferredSymmetric, symmetric.aes256, symmetric.aes192, symmetric.aes128),
    of(subpacketTypes.preferredHash, hash.sha512, hash.sha384, hash.sha256),
    of(subpacketTypes.preferredCompression, compression.zlib, compression.zip),
    of(subpacketTypes.features, 0x01),
    of(subpacketTypes.keyServerPreferences, 0x80),
    of(subpacketTypes.primaryUserId, 1),
  ];
}

/**
 * Generates an unlocked RSA-4096 key of version 4 that certifies and signs, without subkeys. This module writes its
 * SHA-512 self-signature itself; see signature-packet.ts for the reason.
 */
export async function generateRsaKey(options: {
  /** User id: `NAME <EMAIL>`. */
  readonly userId: string;
  readonly createdAt: Date;
  readonly lifetimeDays: number | undefined;
}): Promise<PrivateKey> {
  const { privateKey: key } = await generateKey({
    type: "rsa",
    rsaBits: 4096,
    userIDs: [PLACEHOLDER],
    subkeys: [],
    date: options.createdAt,
    format: "object",
    config,
  });
  const [user] = key.users;
  const numbers = privateNumbersOf(key);
  const fingerprint = key.keyPacket.getFingerprintBytes();
  if (!(user?.userID && numbers && fingerprint)) throw new TypeError("generated key is incomplete");
  const keyBody = key.toPublic().keyPacket.write();
  // The library accepts few addresses; OpenPGP allows any text.
  Object.assign(user.userID, { userID: options.userId });
  const userBody = user.userID.write();
  const packet = makePacketSigner(
    numbers,
    fingerprint,
  )({
    signatureType: signatureTypes.positiveCertification,
    subpackets: selfSignatureSubpackets(
      options.lifetimeDays === undefined ? undefined : options.lifetimeDays * SECONDS_PER_DAY,
    ),
    createdSeconds: Math.floor(options.createdAt.getTime() / 1000),
    data: Buffer.concat([
      Uint8Array.of(0x99),
      encodeUint16(keyBody.length),
      keyBody,
      Uint8Array.of(0xb4),
      encodeUint32(userBody.length),
      userBody,
    ]),
  });
  user.selfCertifications = [...(await readSignature({ binarySignature: packet })).packets];
  return readPrivateKey({ binaryKey: key.write(), config });
}

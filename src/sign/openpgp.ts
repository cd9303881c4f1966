import {
  config as defaults,
  decryptKey,
  encryptKey,
  enums,
  generateKey,
  PacketList,
  readKeys,
  readPrivateKey,
  readSignature,
} from "openpgp";
import type {
  AnyPacket,
  Config,
  Key,
  PartialConfig,
  PrivateKey,
  PublicKey,
  SignaturePacket,
  Subkey,
} from "openpgp";
import { ApplianceError } from "../errors.ts";
import { encodeArmor } from "./armor.ts";
import { makePacketSigner, publicKeyAlgorithms, subpacket } from "./packet-signer.ts";
import type { PrivateNumbers } from "./packet-signer.ts";
import { isPlainlyGood } from "./rsa-match.ts";
import { encodeUint16, encodeUint32, signatureTypes, subpacketTypes } from "./signature-packet.ts";

export type { PrivateKey, PublicKey, SignaturePacket, Subkey } from "openpgp";
import { formatSizes } from "../lib/format-size.ts";

/** Policy for every call: keys of packagers from before 2010 have no key flags, and rpm uses them all the same. */
const config: PartialConfig = { allowMissingKeyFlags: true, s2kIterationCountByte: 255 };

/** Which hashes are good enough is for the caller to say: packages of old distributions are signed over SHA-1. */
const anyHash: Config = {
  ...defaults,
  ...config,
  rejectHashAlgorithms: new Set(),
  rejectMessageHashAlgorithms: new Set(),
};

/** Largest key file that is read. */
export const MAX_KEY_BYTES: number = 1024 * 1024;

const BLOCK =
  /-----BEGIN PGP (PUBLIC|PRIVATE) KEY BLOCK-----[\s\S]*?-----END PGP \1 KEY BLOCK-----/g;

function badKey(origin: string, fact: string, cause?: unknown): ApplianceError {
  return new ApplianceError("SIGN_KEY_BAD", `${origin}: ${fact}`, {
    hint: "give an OpenPGP key as gpg --export writes it, armored or binary",
    ...(cause === undefined ? {} : { cause }),
  });
}

async function parseKeys(content: Uint8Array, origin: string): Promise<Key[]> {
  if (content.length > MAX_KEY_BYTES) {
    const [found, most] = formatSizes(content.length, MAX_KEY_BYTES);
    throw badKey(origin, `${found}, expected a key of at most ${most}`);
  }
  try {
    if ((content[0] ?? 0) >= 0x80) return await readKeys({ binaryKeys: content, config });
    const blocks = Buffer.from(content).toString("latin1").match(BLOCK) ?? [];
    const keys = await Promise.all(blocks.map((armoredKeys) => readKeys({ armoredKeys, config })));
    return keys.flat();
  } catch (error) {
    // The parser's message can quote its input, which may be a secret key: only its kind is passed on.
    throw badKey(origin, "not a well-formed OpenPGP key", new Error(kindOf(error)));
  }
}

function kindOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}

/**
 * Reads public keys, armored (several blocks are fine) or binary.
 *
 * @throws ApplianceError `SIGN_KEY_BAD` when there is none, one is not well-formed or of version 4, or one is secret
 */
export async function parsePublicKeys(content: Uint8Array, origin: string): Promise<PublicKey[]> {
  const keys = await parseKeys(content, origin);
  if (keys.length === 0) throw badKey(origin, "holds no OpenPGP key");
  if (keys.some((key) => key.isPrivate())) {
    throw badKey(origin, "holds a secret key, expected public keys only");
  }
  const other = keys.find((key) => key.keyPacket.version !== 4);
  if (other !== undefined) {
    throw badKey(origin, `holds a key of version ${other.keyPacket.version}, expected 4`);
  }
  return keys;
}

/**
 * Reads one secret key, armored or binary; it may be locked.
 *
 * @throws ApplianceError `SIGN_KEY_BAD` when there is not exactly one, or it is not well-formed or of version 4
 */
export async function parseSecretKey(content: Uint8Array, origin: string): Promise<PrivateKey> {
  const keys = await parseKeys(content, origin);
  const [key] = keys;
  if (key === undefined || keys.length > 1) {
    throw badKey(origin, `holds ${keys.length} OpenPGP keys, expected one`);
  }
  if (!key.isPrivate()) throw badKey(origin, "holds a public key, expected a secret one");
  if (key.keyPacket.version !== 4) {
    throw badKey(origin, `holds a key of version ${key.keyPacket.version}, expected 4`);
  }
  return key;
}

/** Answers a key with its secret numbers readable, or undefined when the passphrase is wrong. */
export async function unlockKey(
  privateKey: PrivateKey,
  passphrase: string,
): Promise<PrivateKey | undefined> {
  try {
    return await decryptKey({ privateKey, passphrase, config });
  } catch (error) {
    if (error instanceof Error && error.message.includes("Incorrect key passphrase"))
      return undefined;
    throw error;
  }
}

/** Answers the numbers to sign with, or undefined when the key is of a kind that packages are not signed with. */
export function privateNumbersOf(key: PrivateKey | Subkey): PrivateNumbers | undefined {
  const { keyPacket } = key;
  const { algorithm } = keyPacket;
  if (!("privateParams" in keyPacket)) return undefined;
  const params: Record<string, Uint8Array | undefined> = {
    ...keyPacket.publicParams,
    ...keyPacket.privateParams,
  };
  const { n, e, d, p, q, u, seed, Q: point } = params;
  if (n && e && d && p && q && u) {
    if (algorithm === enums.publicKey.rsaEncryptSign) {
      return { algorithm: publicKeyAlgorithms.rsa, n, e, d, p, q, u };
    }
    if (algorithm === enums.publicKey.rsaSign) {
      return { algorithm: publicKeyAlgorithms.rsaSignOnly, n, e, d, p, q, u };
    }
  }
  if (algorithm === enums.publicKey.eddsaLegacy && seed && point) {
    // The point is written with 0x40 before it: "native form".
    return { algorithm: publicKeyAlgorithms.eddsaLegacy, seed, point: point.subarray(-32) };
  }
  return undefined;
}

const SECONDS_PER_DAY = 86_400;

/** A user id for the library, until the key has its own. */
const PLACEHOLDER = { name: "key", email: "key@example.com" };

/** The self-signature's subpackets; preferences are there for whoever writes to the key's owner. */
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
 * Makes an unlocked RSA-4096 key of version 4 that certifies and signs, without subkeys, with a SHA-512
 * self-signature of ours (see signature-packet.ts for why).
 */
export async function generateRsaKey(options: {
  /** As people write it: `NAME <EMAIL>`. */
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
  // The library takes few addresses; OpenPGP takes any text.
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

/**
 * Answers the public half of a key as armored text, lines ended with LF. A subkey's bindings come before its
 * revocations: rpm 4.18, and older ones with the fix of CVE-2021-3521, do not import a key in gpg's order.
 */
export function armorPublicKey(key: PublicKey | PrivateKey): string {
  const half = key.toPublic();
  const ofSubkeys: AnyPacket[] = half.subkeys.flatMap((part) => [
    part.keyPacket,
    ...part.bindingSignatures,
    ...part.revocationSignatures,
  ]);
  const others = half.toPacketList().filter((packet) => !ofSubkeys.includes(packet));
  const packets = new PacketList<AnyPacket>();
  packets.push(...others, ...ofSubkeys);
  return encodeArmor("PUBLIC KEY BLOCK", packets.write());
}

/** Answers an unlocked key as armored text, locked with the passphrase when there is one. */
export async function armorSecretKey(
  privateKey: PrivateKey,
  passphrase: string | undefined,
): Promise<string> {
  if (passphrase === undefined) return privateKey.armor();
  return (await encryptKey({ privateKey, passphrase, config })).armor();
}

/**
 * Answers whether a key made the signature packet whose hash is `digest`, and undefined when it did. Times, the
 * state of the key and the strength of the hash are not looked at.
 *
 * @param digest  of the data, the signed part and its trailer, with the signature's hash algorithm
 */
export async function signatureFault(
  key: PublicKey | Subkey,
  packet: Uint8Array,
  digest: Uint8Array,
): Promise<string | undefined> {
  try {
    const [signature] = (await readSignature({ binarySignature: packet, config })).packets;
    if (signature === undefined) return "not an OpenPGP signature";
    if (isPlainlyGood(key.keyPacket, signature, digest)) return undefined;
    // The library takes a finished hash from this field, as it does itself after a one-pass signature.
    Object.assign(signature, { hashed: digest });
    // Checked at the moment when it was made: whether it has expired is for the caller to say.
    const at = signature.created ?? new Date(0);
    const { binary } = enums.signature;
    await signature.verify(key.keyPacket, binary, new Uint8Array(), at, true, anyHash);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : "not an OpenPGP signature";
  }
}

/** What a signature that a key made about itself is about. */
export interface SelfSignatureSubject {
  /** The library's name of the type; `certGeneric` stands for all four certifications. */
  readonly type:
    | "certGeneric"
    | "certRevocation"
    | "key"
    | "keyBinding"
    | "keyRevocation"
    | "subkeyBinding"
    | "subkeyRevocation";
  /** The packets that are signed, as the library wants to be given them. */
  readonly data: object;
}

function isOfType(signature: SignaturePacket, type: SelfSignatureSubject["type"]): boolean {
  const { certGeneric, certPersona, certCasual, certPositive } = enums.signature;
  const certifications = [certGeneric, certPersona, certCasual, certPositive];
  const expected = type === "certGeneric" ? certifications : [enums.signature[type]];
  return expected.some((one) => one === signature.signatureType);
}

/** True if a key made a signature about itself. Times are not looked at. */
export async function isMadeBy(
  signature: SignaturePacket,
  signer: PublicKey["keyPacket"] | Subkey["keyPacket"],
  { type, data }: SelfSignatureSubject,
): Promise<boolean> {
  // A key that names a revoker is good, although the library knows no such revocations.
  Object.assign(signature, { revocationKeyClass: null });
  const at = signature.created ?? new Date(0);
  if (!isOfType(signature, type)) return false;
  try {
    await signature.verify(signer, enums.signature[type], data, at);
    return true;
  } catch {
    return false;
  }
}

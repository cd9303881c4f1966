import {
  createHash,
  createPrivateKey,
  type JsonWebKey,
  type KeyObject,
  sign as signBytes,
} from "node:crypto";
import {
  encodeHashTrailer,
  encodeSignature,
  encodeSignedPart,
  type Subpacket,
  subpacketTypes,
} from "./signature-packet.ts";

/** OpenPGP's numbers of the algorithms for signing. */
export const publicKeyAlgorithms = { rsa: 1, rsaSignOnly: 3, eddsaLegacy: 22 } as const;

/** SHA-512, the hash of every signature. */
const HASH_ALGORITHM = 10;

/** The numbers of an unlocked key as its OpenPGP packet holds them, big-endian. */
export type PrivateNumbers =
  | {
      readonly algorithm: typeof publicKeyAlgorithms.rsa | typeof publicKeyAlgorithms.rsaSignOnly;
      readonly n: Uint8Array;
      readonly e: Uint8Array;
      readonly d: Uint8Array;
      readonly p: Uint8Array;
      readonly q: Uint8Array;
      /** p to the power of -1, modulo q. */
      readonly u: Uint8Array;
    }
  | {
      readonly algorithm: typeof publicKeyAlgorithms.eddsaLegacy;
      /** 32 bytes each: the Ed25519 seed and point. */
      readonly seed: Uint8Array;
      readonly point: Uint8Array;
    };

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

function fromBigInt(value: bigint): Uint8Array {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
}

function toKeyObject(numbers: PrivateNumbers): KeyObject {
  let jwk: JsonWebKey;
  if (numbers.algorithm === publicKeyAlgorithms.eddsaLegacy) {
    jwk = { kty: "OKP", crv: "Ed25519", d: base64url(numbers.seed), x: base64url(numbers.point) };
  } else {
    // OpenPGP stores the inverse of p modulo q, PKCS #1 that of q modulo p, so the primes are swapped.
    const { n, e, d, u } = numbers;
    const [p, q] = [numbers.q, numbers.p];
    const exponent = toBigInt(d);
    jwk = {
      kty: "RSA",
      n: base64url(n),
      e: base64url(e),
      d: base64url(d),
      p: base64url(p),
      q: base64url(q),
      dp: base64url(fromBigInt(exponent % (toBigInt(p) - 1n))),
      dq: base64url(fromBigInt(exponent % (toBigInt(q) - 1n))),
      qi: base64url(u),
    };
  }
  return createPrivateKey({ key: jwk, format: "jwk" });
}

/** Creates signature packets with one unlocked key. */
export type PacketSigner = (request: {
  readonly signatureType: number;
  /** Subpackets after issuer and creation time in the signed part. */
  readonly subpackets: readonly Subpacket[];
  readonly createdSeconds: number;
  readonly data: Uint8Array;
}) => Uint8Array;

/** Encodes a subpacket, never critical. */
export function subpacket(type: number, body: Uint8Array): Subpacket {
  return { type, critical: false, body };
}

/**
 * Creates a packet signer. With RSA (PKCS #1 v1.5) and Ed25519, the same input gives the same bytes.
 *
 * @param fingerprint  of the key, 20 bytes
 */
export function makePacketSigner(numbers: PrivateNumbers, fingerprint: Uint8Array): PacketSigner {
  const key = toKeyObject(numbers);
  return ({ signatureType, subpackets, createdSeconds, data }) => {
    const created = Buffer.alloc(4);
    created.writeUInt32BE(createdSeconds);
    const signedPart = encodeSignedPart({
      signatureType,
      publicKeyAlgorithm: numbers.algorithm,
      hashAlgorithm: HASH_ALGORITHM,
      hashed: [
        subpacket(subpacketTypes.issuerFingerprint, Buffer.concat([Uint8Array.of(4), fingerprint])),
        subpacket(subpacketTypes.creationTime, created),
        ...subpackets,
        subpacket(subpacketTypes.issuerKeyId, fingerprint.subarray(-8)),
      ],
    });
    const message = Buffer.concat([data, signedPart, encodeHashTrailer(signedPart)]);
    const digest = createHash("sha512").update(message).digest();
    if (numbers.algorithm === publicKeyAlgorithms.eddsaLegacy) {
      const pair = signBytes(null, digest, key);
      return encodeSignature(signedPart, digest, [pair.subarray(0, 32), pair.subarray(32)]);
    }
    return encodeSignature(signedPart, digest, [signBytes("sha512", message, key)]);
  };
}

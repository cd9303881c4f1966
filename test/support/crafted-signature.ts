/** OpenPGP signature packets of forms that no tool of today writes, made with the test key. */
import { createHash, createPrivateKey, type KeyObject, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { parseSecretKey, privateNumbersOf } from "../../src/sign/openpgp/index.ts";
import { testKey } from "./signing-key.ts";

/** Makes signatures, over whatever it is given, with the RSA test key. */
export interface SignatureCrafter {
  /** Version 3, as rpm before 4.9 had them made. */
  version3(data: Uint8Array, hash?: string, type?: number): Buffer;
  /** Version 4, with any subpackets. */
  version4(data: Uint8Array, form?: Version4Form): Buffer;
}

/** How a version 4 packet is written; all of it is as gpg writes it by default. */
export interface Version4Form {
  readonly hash?: string;
  readonly hashNumber?: number;
  readonly algorithm?: number;
  readonly type?: number;
  readonly version?: number;
  /** Subpackets, with their lengths. */
  readonly hashed?: Buffer;
  readonly unhashed?: Buffer;
  /** Bits by which the count of the number's bits is wrong, within its first byte. */
  readonly extraBits?: number;
  /** Further numbers behind the signature's own. */
  readonly more?: Buffer;
  readonly newHeader?: boolean;
}

const hashNumbers: Readonly<Record<string, number>> = { md5: 1, sha1: 2, sha256: 8, sha512: 10 };
/** 2025-07-01. */
const CREATED = Buffer.from("68632700", "hex");

function wrap(body: Buffer, newHeader = false): Buffer {
  const length = Buffer.alloc(2);
  if (newHeader) {
    length.writeUInt16BE(body.length - 192 + (192 << 8));
    return Buffer.concat([Buffer.from([0xc2]), length, body]);
  }
  length.writeUInt16BE(body.length);
  return Buffer.concat([Buffer.from([0x89]), length, body]);
}

function mpi(bytes: Buffer, extraBits = 0): Buffer {
  const shortest = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  const bits = shortest.length * 8 - Math.clz32(shortest[0] ?? 0) + 24;
  const head = Buffer.alloc(2);
  const first = (bits - 1) % 8;
  head.writeUInt16BE(bits - first + ((first + extraBits) % 8));
  return Buffer.concat([head, shortest]);
}

function sized(bytes: Buffer): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(bytes.length);
  return Buffer.concat([head, bytes]);
}

/** A subpacket with its length. */
export function subpacketBytes(type: number, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([body.length + 1, type]), body]);
}

/** The subpackets that every signature needs. */
export const createdAt: Buffer = subpacketBytes(2, CREATED);

async function privateKey(): Promise<{ key: KeyObject; keyId: Buffer }> {
  const { generated } = await testKey();
  const secret = await parseSecretKey(await readFile(generated.secretPath), "the test key");
  const numbers = privateNumbersOf(secret);
  if (numbers === undefined || !("n" in numbers)) throw new TypeError("not an RSA key");
  const { n, e, d, p, q, u } = numbers;
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
  const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  const rest = (prime: Uint8Array): string =>
    text(
      Buffer.from(
        (number(d) % (number(prime) - 1n)).toString(16).padStart(prime.length * 2, "0"),
        "hex",
      ),
    );
  // PKCS #1 wants the inverse of the second prime, OpenPGP has that of the first.
  const jwk = {
    kty: "RSA",
    n: text(n),
    e: text(e),
    d: text(d),
    p: text(q),
    q: text(p),
    dp: rest(q),
    dq: rest(p),
    qi: text(u),
  };
  return {
    key: createPrivateKey({ key: jwk, format: "jwk" }),
    keyId: Buffer.from(generated.keyId, "hex"),
  };
}

/** Opens the secret half of the test key for crafting. */
export async function openCrafter(): Promise<SignatureCrafter> {
  const { key, keyId } = await privateKey();
  return {
    version3(data, hash = "sha256", type = 0): Buffer {
      const signed = Buffer.concat([Buffer.from([type]), CREATED]);
      const message = Buffer.concat([data, signed]);
      const digest = createHash(hash).update(message).digest();
      const head = Buffer.from([3, 5]);
      const kinds = Buffer.from([1, hashNumbers[hash] ?? 0]);
      return wrap(
        Buffer.concat([
          head,
          signed,
          keyId,
          kinds,
          digest.subarray(0, 2),
          mpi(sign(hash, message, key)),
        ]),
      );
    },
    version4(data, form = {}): Buffer {
      const { hash = "sha256", algorithm = 1, type = 0, version = 4 } = form;
      const hashed = form.hashed ?? createdAt;
      const unhashed = form.unhashed ?? subpacketBytes(16, keyId);
      const kinds = Buffer.from([
        version,
        type,
        algorithm,
        form.hashNumber ?? hashNumbers[hash] ?? 0,
      ]);
      const signed = Buffer.concat([kinds, sized(hashed)]);
      const trailer = Buffer.alloc(6, 0xff);
      trailer.writeUInt8(version, 0);
      trailer.writeUInt32BE(signed.length, 2);
      const message = Buffer.concat([data, signed, trailer]);
      const digest = createHash(hash).update(message).digest();
      const number = mpi(sign(hash, message, key), form.extraBits);
      const body = [
        signed,
        sized(unhashed),
        digest.subarray(0, 2),
        number,
        form.more ?? Buffer.alloc(0),
      ];
      return wrap(Buffer.concat(body), form.newHeader);
    },
  };
}

import { countOf } from "../lib/count-of.ts";
import type { SignatureTag } from "../rpm/index.ts";
import type { PendingSignature } from "./judge-signature.ts";
import {
  decodeLaxSignature,
  type LaxSignature,
  SignaturePacketError,
  UnknownSignatureError,
} from "./signature-decode.ts";
import {
  encodeHashTrailer,
  encodeSignature,
  encodeSignedPart,
  signatureTypes,
  type Subpacket,
  subpacketTypes,
} from "./signature-packet.ts";
import type { Deviation, DeviationCode } from "./deviation.ts";
import { type Check, type CheckSubject, hashNames } from "./verification.ts";

/** A stored signature as rpm sees it: one to compare, or a result that needs no comparison. */
export type RpmSignature = { readonly oddities: readonly Deviation[] } & (
  { readonly pending: PendingSignature } | { readonly check: Check }
);

/** OpenPGP's public-key algorithms by number: their name, and how many numbers a signature has. */
const algorithms: ReadonlyMap<number, { readonly name: string; readonly numbers: number }> =
  new Map([
    [1, { name: "RSA", numbers: 1 }],
    [17, { name: "DSA", numbers: 2 }],
    [19, { name: "ECDSA", numbers: 2 }],
    [22, { name: "EdDSA", numbers: 2 }],
  ]);

/** Subpackets that every rpm understands, and that may therefore be critical. */
const understood: ReadonlySet<number> = new Set([
  subpacketTypes.creationTime,
  subpacketTypes.issuerKeyId,
  subpacketTypes.keyFlags,
]);

const holderNames: Readonly<Record<SignatureTag, string>> = {
  RSA: "tag RSA",
  DSA: "tag DSA",
  OPENPGP: "tag OPENPGP",
  PGP: "tag PGP",
  GPG: "tag GPG",
};

/** Returns the subject that a signature in a tag covers. */
export function subjectOf(tag: SignatureTag): CheckSubject {
  return tag === "PGP" || tag === "GPG" ? "header and payload signature" : "header signature";
}

const seconds = (body: Uint8Array): number => Buffer.from(body).readUInt32BE(0);

function bodiesOf(subpackets: readonly Subpacket[], type: number, length: number): Uint8Array[] {
  return subpackets
    .filter((one) => one.type === type)
    .map(({ body }) => body)
    .filter((body) => body.length === length);
}

/** Returns why rpm 4.14 to 4.18 consider a well-formed packet invalid. */
function packetFault(parts: LaxSignature): string | undefined {
  const { version, hashed, unhashed, publicKeyAlgorithm, numbers } = parts;
  const algorithm = algorithms.get(publicKeyAlgorithm);
  if (algorithm === undefined) return `has public-key algorithm ${publicKeyAlgorithm}`;
  if (numbers.length !== algorithm.numbers) {
    return `has ${countOf(numbers.length, "number")}, expected ${algorithm.numbers} of ${algorithm.name}`;
  }
  if (parts.signatureType !== signatureTypes.binary) {
    return `has type ${parts.signatureType}, expected 0 (binary)`;
  }
  if (version === 3) return undefined;
  const critical = [
    ...hashed,
    ...unhashed.filter(({ type }) => type !== subpacketTypes.issuerKeyId),
  ].find((one) => one.critical && !(understood.has(one.type) && hashed.includes(one)));
  if (critical !== undefined)
    return `has the critical subpacket ${critical.type}, which rpm does not support`;
  const times = bodiesOf(hashed, subpacketTypes.creationTime, 4);
  if (times.length === 0) return "has no creation time";
  if (times.length > 1) return "has two creation times";
  const flags = hashed.filter(({ type }) => type === subpacketTypes.keyFlags);
  return flags.length > 1 ? "has two key flags subpackets" : undefined;
}

/** Deviations in the storage of a signature that rpm accepts. */
function placeOddities(tag: SignatureTag, parts: LaxSignature): Deviation[] {
  const found = parts.oddities.map((odd): Deviation => {
    const fact = `signature packet ${odd}`;
    return { code: "signature-packet", fact };
  });
  const put = (code: DeviationCode, fact: string): void => void found.push({ code, fact });
  const isRsa = parts.publicKeyAlgorithm === 1;
  if (tag !== "OPENPGP" && isRsa !== (tag === "RSA" || tag === "PGP")) {
    put(
      "signature-place",
      `signature is stored in the ${holderNames[tag]}, which is for other key types`,
    );
  }
  if (parts.publicKeyAlgorithm === 19)
    put("signature-ecdsa", "signature is by an ECDSA key, which rpm before 4.19 refuses");
  if (parts.hashAlgorithm === 2)
    put("signature-sha1", "signature is over SHA-1, which rpm refuses since EL 9");
  return found;
}

/** Builds the signature for the OpenPGP library, which only compares a finished digest. */
function pendingOf(
  tag: SignatureTag,
  parts: LaxSignature,
  keyId: Uint8Array,
): PendingSignature | undefined {
  const { version, hashed, signedPart, publicKeyAlgorithm, hashAlgorithm, digestStart, numbers } =
    parts;
  const hash = hashNames.get(hashAlgorithm);
  const [created] = bodiesOf(hashed, subpacketTypes.creationTime, 4);
  const [lifetime] = bodiesOf(hashed, subpacketTypes.expirationTime, 4);
  if (hash === undefined || created === undefined) return undefined;
  const plain = (type: number, body: Uint8Array): Subpacket => ({ type, critical: false, body });
  const signed = encodeSignedPart({
    signatureType: signatureTypes.binary,
    publicKeyAlgorithm,
    hashAlgorithm,
    hashed: [plain(subpacketTypes.creationTime, created), plain(subpacketTypes.issuerKeyId, keyId)],
  });
  const lifetimeSeconds = lifetime === undefined ? 0 : seconds(lifetime);
  return {
    what: subjectOf(tag),
    tag,
    packet: encodeSignature(signed, digestStart, numbers),
    hash,
    suffix: version === 3 ? signedPart : Buffer.concat([signedPart, encodeHashTrailer(signedPart)]),
    keyId: Buffer.from(keyId).toString("hex"),
    algorithm: `${algorithms.get(publicKeyAlgorithm)?.name}/${hash.label}`,
    createdAt: new Date(seconds(created) * 1000),
    expiresAt:
      lifetimeSeconds === 0 ? undefined : new Date((seconds(created) + lifetimeSeconds) * 1000),
  };
}

function judgePacket(tag: SignatureTag, packet: Uint8Array): RpmSignature {
  const what = subjectOf(tag);
  const parts = decodeLaxSignature(packet);
  const [keyId] = [...parts.hashed, ...parts.unhashed].flatMap((one) =>
    bodiesOf([one], subpacketTypes.issuerKeyId, 8),
  );
  const oddities = placeOddities(tag, parts);
  const known = keyId === undefined ? {} : { keyId: Buffer.from(keyId).toString("hex") };
  const result = (status: Check["status"], detail: string): RpmSignature => ({
    oddities,
    check: { what, status, ...known, tag, detail },
  });
  if (tag === "OPENPGP" && !algorithms.has(parts.publicKeyAlgorithm)) {
    return result("unchecked", `public-key algorithm ${parts.publicKeyAlgorithm} is not supported`);
  }
  const fault = packetFault(parts);
  if (fault !== undefined) return result("bad", `signature packet ${fault}`);
  if (!hashNames.has(parts.hashAlgorithm)) {
    return result(
      "unchecked",
      `hash ${parts.hashAlgorithm} is not supported; rpm ignores such a signature`,
    );
  }
  if (parts.hashAlgorithm === 1) return result("bad", "signature over MD5, which can be forged");
  if (keyId === undefined) return result("nokey", "does not name its key");
  const pending = pendingOf(tag, parts, keyId);
  return pending === undefined
    ? result("bad", "signature packet is incomplete")
    : { oddities, pending };
}

/**
 * Decodes a stored signature as rpm does. The tag OPENPGP may hold signatures of unknown kinds; in other tags rpm
 * refuses them.
 */
export function readRpmSignature(tag: SignatureTag, packet: Uint8Array): RpmSignature {
  const what = subjectOf(tag);
  try {
    return judgePacket(tag, packet);
  } catch (error) {
    if (!(error instanceof SignaturePacketError)) throw error;
    const detail = `signature packet ${error.message}`;
    const isNew = error instanceof UnknownSignatureError && tag === "OPENPGP";
    return { oddities: [], check: { what, status: isNew ? "unchecked" : "bad", tag, detail } };
  }
}

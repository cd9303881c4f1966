import type { HeaderSignature, RpmFormat } from "../rpm/index.ts";
import { decodeLaxSignature, SignaturePacketError } from "./signature-decode.ts";
import { keyIdOf, type StoredSignature } from "./stored-signatures.ts";

/** A signature over the main header. */
interface HeaderPacket {
  readonly bytes: Uint8Array;
  readonly keyId: string | undefined;
  /** The tag for rpm before 6 that holds it; undefined if it is in the tag OPENPGP only. */
  readonly tag: LegacyTag | undefined;
}

type LegacyTag = "RSA" | "DSA";

/** OpenPGP's numbers of the algorithms that rpm 4.14 to 4.20 know, and their tags. */
const legacyTags: ReadonlyMap<number, LegacyTag> = new Map([
  [1, "RSA"],
  [3, "RSA"],
  [17, "DSA"],
  [19, "DSA"],
  [22, "DSA"],
]);

/** A new signature. */
export interface NewSignature {
  readonly keyId: string;
  readonly bytes: Uint8Array;
}

function legacyTagOf(bytes: Uint8Array): LegacyTag | undefined {
  try {
    return legacyTags.get(decodeLaxSignature(bytes).publicKeyAlgorithm);
  } catch (error) {
    if (error instanceof SignaturePacketError) return undefined;
    throw error;
  }
}

/** Returns the signatures of the main header, each once, those for rpm before 6 first. */
function headerPackets(stored: readonly StoredSignature[]): HeaderPacket[] {
  const found: HeaderPacket[] = [];
  const isFound = (bytes: Buffer): boolean => found.some((one) => bytes.equals(one.bytes));
  for (const one of stored) {
    const { tag, packet: bytes } = one;
    if (tag === "PGP" || tag === "GPG" || isFound(bytes)) continue;
    found.push({ bytes, keyId: keyIdOf(one), tag: tag === "OPENPGP" ? undefined : tag });
  }
  return found;
}

/** Adds a signature. It takes the place of the earlier ones by its key. */
function addTo(packets: readonly HeaderPacket[], { keyId, bytes }: NewSignature): HeaderPacket[] {
  const isOwn = (one: HeaderPacket): boolean => one.keyId === keyId;
  const at = packets.findIndex(isOwn);
  const others = packets.filter((one) => !isOwn(one));
  const wanted = packets.some((one) => isOwn(one) && one.tag !== undefined)
    ? legacyTagOf(bytes)
    : undefined;
  const tag = others.some((one) => one.tag === wanted) ? undefined : wanted;
  return others.toSpliced(at === -1 ? others.length : at, 0, { keyId, bytes, tag });
}

/**
 * Plans the signatures of a package.
 *
 * rpm before 6 reads the tags RSA and DSA, and requires the key of each of them: one that it cannot read makes the
 * package bad. So only the first signature is there. rpm 6 reads the tag OPENPGP, and then none of the others: in format 6,
 * or if there are several signatures, or one that older versions cannot read, all are there.
 *
 * @param kept  stored signatures to keep; those by a key of `added` are dropped
 * @param added  by different keys; the first is for rpm before 6 if none is kept
 */
export function planSignatures(
  kept: readonly StoredSignature[],
  added: readonly NewSignature[],
  format: RpmFormat,
): HeaderSignature[] {
  let packets = headerPackets(kept);
  for (const one of added) packets = addTo(packets, one);
  if (packets.every(({ tag }) => tag === undefined)) {
    const first = packets.findIndex(({ bytes }) => legacyTagOf(bytes) !== undefined);
    packets = packets.map((one, i) =>
      i === first ? { ...one, tag: legacyTagOf(one.bytes) } : one,
    );
  }
  const legacy = packets.flatMap(({ tag, bytes }) => (tag === undefined ? [] : [{ tag, bytes }]));
  const current =
    format === 6 || packets.length > legacy.length || packets.length > 1
      ? packets.map(({ bytes }) => ({ tag: "OPENPGP" as const, bytes }))
      : [];
  const overPayload = kept.flatMap((one) => {
    const isReplaced = added.some(({ keyId }) => keyId === keyIdOf(one));
    if (isReplaced || (one.tag !== "PGP" && one.tag !== "GPG")) return [];
    return [{ tag: one.tag, bytes: one.packet }];
  });
  return [...legacy, ...current, ...overPayload];
}

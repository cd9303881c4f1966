/*
 * Table of keys that some target systems cannot import or will stop trusting. Each row states how this is known. Keys
 * that no system accepts are errors instead: see key-strength.ts, and the kinds that openSigner accepts.
 */
import { type PartLife, readKeyLife } from "./key-life.ts";
import type { PublicKey, SignaturePacket } from "./openpgp/index.ts";
import { criticalSubpackets } from "./signature-decode.ts";
import type { TargetName } from "./targets/target.ts";

/** Use of a key. */
export type KeyUse =
  | "packages"
  /** Signs metadata too: clients import the key from the repository, and keep it. */
  | "repository";

interface Subject {
  readonly key: PublicKey;
  /** The signing part and the primary key, which may be the same. */
  readonly parts: readonly PartLife[];
  readonly use: KeyUse;
}

/** Rules about keys by their stable names. */
export type KeyCode =
  | "key-ed25519"
  | "key-ecdsa"
  | "key-kind"
  | "key-short-rsa"
  | "key-sha1"
  | "key-critical-subpacket"
  | "key-without-user-id"
  | "key-expiry";

/** A reason why systems cannot use a key. */
export interface ReachRule {
  readonly code: KeyCode;
  /** Systems that cannot import or use the key; empty if it is another program. */
  readonly targets: readonly TargetName[];
  /** The problem of the key, as the end of a sentence about it; undefined if the rule does not apply. */
  readonly fault: (subject: Subject) => string | undefined;
  /** Source of this fact. */
  readonly source: string;
}

const SHA_1 = 2;

/** Subpackets that make rpm 4.18 refuse a key if they are marked critical. */
const refusedCritical: ReadonlySet<number> = new Set([9, 11, 21, 22, 23, 25, 30]);

function selfSignatures(parts: readonly PartLife[]): readonly SignaturePacket[] {
  return parts.flatMap(({ selfSignature }) => (selfSignature === undefined ? [] : [selfSignature]));
}

const has = (parts: readonly PartLife[], pattern: RegExp): string | undefined =>
  parts.find(({ algorithm }) => pattern.test(algorithm))?.algorithm;

/** Every rule about keys. */
export const keyRules: readonly ReachRule[] = [
  {
    code: "key-ed25519",
    targets: ["el8", "sle15"],
    fault: ({ parts }) =>
      has(parts, /^Ed25519$/) && "EL8 cannot import an Ed25519 key; an RSA key works everywhere",
    source: "tried: rpm 4.14.3 knows no EdDSA",
  },
  {
    code: "key-ecdsa",
    targets: ["el8", "el9", "sle15"],
    fault: ({ parts }) => {
      const kind = has(parts, /^ECDSA nist/);
      return kind && `EL8 and EL9 cannot import a key of type ${kind}`;
    },
    source:
      "tried: rpm 4.18 refuses it, 4.14 and 4.16 are older; Sequoia in EL10 and Fedora takes it",
  },
  {
    code: "key-kind",
    targets: ["el8", "el9", "el10", "fedora", "sle15", "rpm6"],
    fault: ({ parts }) => {
      const kind = has(parts, /^(?:ECDSA (?!nist)|Ed448|DSA|Elgamal)/);
      return kind && `no current rpm trusts a key of type ${kind}`;
    },
    source:
      "tried: rpm 4.18 refuses curves other than Ed25519; crypto policies of EL9 and later refuse DSA",
  },
  {
    code: "key-short-rsa",
    targets: ["el9", "el10", "fedora"],
    fault: ({ parts }) => {
      const kind = parts.find(({ algorithm }) => Number(/^RSA-(\d+)$/.exec(algorithm)?.[1]) < 2048);
      return (
        kind && `EL9 and later, and Fedora, refuse ${kind.algorithm}: expected at least 2048 bits`
      );
    },
    source: "crypto policies DEFAULT of RHEL 9: min_rsa_size = 2048",
  },
  {
    code: "key-sha1",
    targets: ["el9", "el10", "fedora"],
    fault: ({ parts }) =>
      // Version, type, kind of key, hash.
      selfSignatures(parts).some(({ signatureData }) => signatureData?.[3] === SHA_1)
        ? "its self-signature uses SHA-1, so EL9 and later cannot import it; " +
          "certify it again with gpg --cert-digest-algo SHA512"
        : undefined,
    source: "goreleaser/nfpm#938; crypto policies of RHEL 9 leave SHA-1 signatures out",
  },
  {
    code: "key-critical-subpacket",
    targets: ["el9"],
    fault: ({ parts }) => {
      const types = selfSignatures(parts)
        .flatMap((one) => criticalSubpackets(one.signatureData ?? new Uint8Array()))
        .filter((type) => refusedCritical.has(type));
      const [type] = types;
      return type === undefined
        ? undefined
        : `its self-signature marks subpacket ${type} as critical, so rpm 4.16 to 4.18 (EL9) cannot import it`;
    },
    source: "tried: one critical subpacket after the other with rpm 4.18",
  },
  {
    code: "key-without-user-id",
    targets: [],
    fault: ({ key }) =>
      key.getUserIDs().length === 0 ? "it has no user id, so GnuPG cannot import it" : undefined,
    source: "GnuPG 2.2: no valid user IDs",
  },
  {
    code: "key-expiry",
    targets: [],
    fault: ({ parts, use }) => {
      const end = parts[0]?.expiresAt?.toISOString().slice(0, 10);
      if (use !== "repository" || end === undefined) return undefined;
      return (
        `it expires on ${end}: clients with dnf 4 refuse the repository from then on, ` +
        "even if its expiry is extended, because they keep their old copy"
      );
    },
    source: "tried: dnf 4.14 with a key that expired or was extended after it was imported",
  },
];

/** A reason why a system cannot use a key. */
export interface KeyFault {
  readonly code: KeyCode;
  readonly targets: readonly TargetName[];
  /** A sentence that starts with the key's id. */
  readonly message: string;
}

/** Returns the systems that cannot import a key or check signatures of one part of it, and why. */
export async function keyFaults(
  key: PublicKey,
  options: { readonly keyId: string; readonly now: Date },
): Promise<readonly KeyFault[]> {
  const parts = await readKeyLife(key, options.now);
  const signing = parts.filter(({ keyId }) => keyId === options.keyId);
  if (signing.length === 0) return [];
  const subject: Subject = { key, parts: [...new Set([...signing, parts[0]])], use: "packages" };
  return keyRules.flatMap(({ code, targets, fault }) => {
    const found = fault(subject);
    return found === undefined
      ? []
      : [{ code, targets, message: `key ${options.keyId}: ${found}` }];
  });
}

import { createHash } from "node:crypto";
import { ApplianceError } from "../../errors.ts";
import { decodeArmor } from "../armor.ts";
import { judgeSignature, type PendingSignature, prepareSignature } from "../judge-signature.ts";
import type { PartLife } from "../key-life.ts";
import type { PublicKey } from "../openpgp/index.ts";
import { readRpmSignature } from "../rpm-signature.ts";
import type { SignatureTimes } from "../signature-times.ts";
import type { Signer } from "../signer.ts";

/** Tolerated difference between the asked and the found creation time: the signer may use its own clock. */
const TOLERANCE_MS = 10 * 60 * 1000;

/** Hashes that every rpm and gpg accepts. */
const hashes: ReadonlySet<string> = new Set(["sha256", "sha384", "sha512"]);

/** What an outside signer was asked for. */
export interface AskedSignature {
  /** Name of the signer in messages. */
  readonly origin: string;
  readonly bytes: Uint8Array;
  readonly times: SignatureTimes;
  readonly publicKey: PublicKey;
  readonly part: PartLife;
  readonly algorithm: Signer["algorithm"];
  readonly now: Date;
}

function bad({ origin }: AskedSignature, fact: string, hint?: string): ApplianceError {
  return new ApplianceError("SIGN_SIGNER_BAD_ANSWER", `${origin}: ${fact}`, { hint });
}

/** Returns the bytes of the packet, whether armored or not. */
function packetIn(answer: Uint8Array, asked: AskedSignature): Uint8Array {
  const expected = "expected one OpenPGP signature on standard output";
  if (answer.length === 0) throw bad(asked, `answered nothing, ${expected}`);
  if ((answer[0] ?? 0) >= 0x80) return answer;
  const packet = decodeArmor("SIGNATURE", Buffer.from(answer).toString("latin1"), {
    checksum: "optional",
  });
  if ("fault" in packet) {
    throw bad(asked, `did not answer with a signature: ${packet.fault}; ${expected}`);
  }
  return packet;
}

function timeFault(pending: PendingSignature, { times }: AskedSignature): string | undefined {
  const { createdAt, expiresAt } = pending;
  const createdMs = times.createdSeconds * 1000;
  if (Math.abs(createdAt.getTime() - createdMs) > TOLERANCE_MS) {
    return `signed with the date ${createdAt.toISOString()}, expected ${new Date(createdMs).toISOString()}`;
  }
  const found = expiresAt?.toISOString() ?? "never";
  if (times.lifetimeSeconds === undefined) {
    return expiresAt === undefined
      ? undefined
      : `its signature expires at ${found}, expected never`;
  }
  const endMs = createdMs + times.lifetimeSeconds * 1000;
  return expiresAt !== undefined && Math.abs(expiresAt.getTime() - endMs) <= TOLERANCE_MS
    ? undefined
    : `its signature expires at ${found}, expected ${new Date(endMs).toISOString()}`;
}

/** Returns why rpm would refuse the packet. Only signatures without expiry are for packages. */
function rpmFault(packet: Uint8Array, { algorithm, times }: AskedSignature): string | undefined {
  if (times.lifetimeSeconds !== undefined) return undefined;
  const read = readRpmSignature(algorithm === "RSA" ? "RSA" : "DSA", packet);
  return "check" in read ? (read.check.detail ?? read.check.status) : undefined;
}

/**
 * Checks the answer of an outside signer: it must be exactly one OpenPGP signature packet of version 4 and binary type
 * over the bytes, made by the key and at the time that it was asked for, in a form that rpm reads.
 *
 * @param answer  the packet, binary or armored
 * @returns the binary packet
 * @throws ApplianceError `SIGN_SIGNER_BAD_ANSWER`
 */
export async function checkAnswer(answer: Uint8Array, asked: AskedSignature): Promise<Uint8Array> {
  const { part, times } = asked;
  const packet = packetIn(answer, asked);
  const pending = prepareSignature("signature", packet);
  if ("failed" in pending) {
    const hint = "it must be exactly one OpenPGP signature packet of version 4 and binary type";
    throw bad(asked, `its ${pending.failed.detail ?? "answer is bad"}`, hint);
  }
  if (pending.keyId !== part.keyId) {
    throw bad(asked, `signed with key ${pending.keyId}, expected ${part.keyId}`);
  }
  if (!hashes.has(pending.hash.node)) {
    throw bad(asked, `signed over ${pending.hash.label}, expected SHA-256, SHA-384 or SHA-512`);
  }
  const late = timeFault(pending, asked);
  if (late !== undefined) {
    throw bad(asked, late, "the date of the signature is now, or that of SOURCE_DATE_EPOCH");
  }
  const digest = createHash(pending.hash.node).update(asked.bytes).update(pending.suffix).digest();
  const now = new Date(Math.max(asked.now.getTime(), times.createdSeconds * 1000));
  const { status, detail } = await judgeSignature(pending, digest, {
    keyring: { keys: [asked.publicKey] },
    now,
    rules: "rpm",
  });
  // Its dates are those that were asked for, which may be in the past.
  const isOver =
    status === "expired" && pending.expiresAt !== undefined && pending.expiresAt <= now;
  if (status !== "ok" && !isOver) {
    throw bad(asked, `its signature does not verify with the public key: ${detail ?? status}`);
  }
  const fault = rpmFault(packet, asked);
  if (fault !== undefined) throw bad(asked, `rpm would refuse its signature: ${fault}`);
  return packet;
}

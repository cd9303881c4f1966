import { createHash } from "node:crypto";
import { beginDigest } from "../../lib/bytes/piecewise-digest.ts";
import type { RpmFormat } from "../format/rpm-format.ts";
import type { TagName } from "../format/tags.ts";

/** Name of a digest in node:crypto. */
export type PayloadHash = "sha256" | "sha512" | "sha3-256";

/** Tags of one digest: of the payload as it is in the package, and of the archive before compression. */
interface DigestTags {
  readonly stored: TagName<"main">;
  readonly archive: TagName<"main">;
  /** rpm refuses another type. */
  readonly type: "STRING_ARRAY" | "STRING";
}

/** Every digest of a payload. */
export const digestTags: Readonly<Record<PayloadHash, DigestTags>> = {
  sha256: { stored: "PAYLOADSHA256", archive: "PAYLOADSHA256ALT", type: "STRING_ARRAY" },
  sha512: { stored: "PAYLOADSHA512", archive: "PAYLOADSHA512ALT", type: "STRING" },
  "sha3-256": { stored: "PAYLOADSHA3_256", archive: "PAYLOADSHA3_256ALT", type: "STRING" },
};

/** Digests in lower-case hex. */
export type PayloadDigests = ReadonlyMap<PayloadHash, string>;

/** The digests that a format stores. */
export const payloadHashes: Readonly<Record<RpmFormat, readonly PayloadHash[]>> = {
  4: ["sha256"],
  6: ["sha256", "sha512", "sha3-256"],
};

/** Computes all digests of a format. */
export interface PayloadHasher {
  update(block: Uint8Array): void;
  finish(): PayloadDigests;
}

/** Returns a hasher for all digests of a format. */
export function payloadHasher(format: RpmFormat): PayloadHasher {
  const hashes = payloadHashes[format].map((name) => ({ name, hash: createHash(name) }));
  return {
    update: (block) => {
      for (const { hash } of hashes) hash.update(block);
    },
    finish: () => new Map(hashes.map(({ name, hash }) => [name, hash.digest("hex")])),
  };
}

/** Computes all digests of a format, SHA-256 in a separate thread if the payload is large. */
export interface PiecewisePayloadHasher extends AsyncDisposable {
  /** Adds a block. The caller may change its memory once the promise is fulfilled. */
  update(block: Uint8Array): Promise<void>;
  finish(): Promise<PayloadDigests>;
}

/**
 * Returns a hasher that takes little time of this thread, which hashes each file of the payload too.
 *
 * @param payloadBytes  expected size
 */
export async function beginPayloadHasher(
  format: RpmFormat,
  payloadBytes: number,
): Promise<PiecewisePayloadHasher> {
  const sha256 = await beginDigest(payloadBytes);
  const others = payloadHashes[format]
    .filter((name) => name !== "sha256")
    .map((name) => ({ name, hash: createHash(name) }));
  return {
    async update(block) {
      await sha256.update(block);
      for (const { hash } of others) hash.update(block);
    },
    async finish() {
      const digests = others.map(({ name, hash }) => [name, hash.digest("hex")] as const);
      return new Map<PayloadHash, string>([["sha256", await sha256.finish()], ...digests]);
    },
    [Symbol.asyncDispose]: () => sha256[Symbol.asyncDispose](),
  };
}

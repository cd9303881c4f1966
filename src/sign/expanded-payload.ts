import type { Context } from "../lib/context.ts";
import type { RpmPackage } from "../rpm/index.ts";
import { openExpander } from "./payload-expander.ts";
import {
  announcedBytes,
  compareSize,
  expandedDigests,
  type ExpectedDigest,
  observeDigest,
  type PayloadObserver,
} from "./payload-observer.ts";
import { type Check, compareDigest } from "./verification.ts";

/** Size of the decompressed payload, if the package states it. */
function announcedSize({ signature, header }: RpmPackage): number | undefined {
  return (
    announcedBytes(signature, "LONGARCHIVESIZE") ??
    announcedBytes(signature, "PAYLOADSIZE") ??
    header.integers("PAYLOADSIZEALT")[0]
  );
}

/** Compression of the payload: from the header, otherwise from the first bytes. */
function compressionOf({ header }: RpmPackage, firstPiece: Buffer): string {
  const named = header.string("PAYLOADCOMPRESSOR");
  if (named !== undefined) return named;
  return firstPiece.subarray(0, 2).toString("hex") === "1f8b" ? "gzip" : "none";
}

/** rpm does not verify the decompressed payload, so its faults are only reported to the user. */
function asDeviation(check: Check): Check {
  return check.status === "bad"
    ? { ...check, status: "deviates", codes: ["digest-differs"] }
    : check;
}

/**
 * Checks the decompressed payload if the package states any facts about it. Waits for the first piece, which may
 * identify the compression.
 */
export function observeExpanded(rpm: RpmPackage, context: Context): PayloadObserver[] {
  const digests = expandedDigests(rpm);
  const size = announcedSize(rpm);
  if (digests.length === 0 && size === undefined) return [];
  let inner: PayloadObserver | undefined;
  const open = (piece: Buffer): PayloadObserver => {
    const compression = compressionOf(rpm, piece);
    if (compression === "none") return observePlain(digests, size);
    return observeCompressed(compression, { digests, size }, context);
  };
  const observer: PayloadObserver = {
    update: (piece) => (inner ??= open(piece)).update(piece),
    finish: async () => (await (inner ?? open(Buffer.alloc(0))).finish()).map(asDeviation),
    stop: () => inner?.stop?.(),
  };
  return [observer];
}

function observePlain(
  digests: readonly ExpectedDigest[],
  size: number | undefined,
): PayloadObserver {
  const observers = digests.map((digest) => observeDigest(digest));
  let sizeBytes = 0;
  return {
    async update(piece): Promise<void> {
      sizeBytes += piece.length;
      for (const observer of observers) await observer.update(piece);
    },
    async finish(): Promise<Check[]> {
      const checks = await Promise.all(observers.map((observer) => observer.finish()));
      const sizes =
        size === undefined ? [] : [compareSize("uncompressed payload size", size, sizeBytes)];
      return [...checks.flat(), ...sizes];
    },
  };
}

function observeCompressed(
  compression: string,
  expected: { readonly digests: readonly ExpectedDigest[]; readonly size: number | undefined },
  context: Context,
): PayloadObserver {
  const { digests, size } = expected;
  const expander = openExpander(
    compression,
    { hashes: digests.map(({ node }) => node), maxBytes: size ?? Infinity },
    context,
  );
  return {
    update: (piece) => expander.write(piece),
    stop: () => expander.stop(),
    async finish(): Promise<Check[]> {
      const result = await expander.finish();
      const unchecked = (detail: string): Check[] =>
        digests.map(({ what, label }) => ({ what, algorithm: label, status: "unchecked", detail }));
      if ("unable" in result) return unchecked(result.unable);
      if ("fault" in result) {
        const { fault } = result;
        const size: Check = { what: "uncompressed payload size", status: "bad", detail: fault };
        return [size, ...unchecked("the payload could not be decompressed")];
      }
      const checks = digests.map(({ what, label, node, hex }) =>
        compareDigest(what, label, { expected: hex, found: result.digests.get(node) ?? "" }),
      );
      if (size === undefined) return checks;
      return [...checks, compareSize("uncompressed payload size", size, result.sizeBytes)];
    },
  };
}

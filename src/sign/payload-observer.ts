import { createHash } from "node:crypto";
import type { RpmPackage } from "../rpm/index.ts";
import { compareDigest, hashNames } from "./verification.ts";
import type { Check, CheckSubject } from "./verification.ts";

/** Sees every piece of the payload once, and says at the end what it makes of them. */
export interface PayloadObserver {
  update(piece: Buffer): void | Promise<void>;
  finish(): Promise<Check[]>;
  /** Gives up before the end, so that nothing goes on running. */
  stop?(): void;
}

/** Which form of the payload a digest covers: as it lies in the file, or decompressed. */
export type PayloadForm = "stored" | "expanded";

/** A digest that a header holds, in lower-case hex, and the hash that makes it. */
export interface ExpectedDigest {
  readonly what: CheckSubject;
  readonly node: string;
  readonly label: string;
  readonly hex: string;
}

/** Answers the digests of one form of the payload that the main header holds. */
export function expectedDigests({ header }: RpmPackage, form: PayloadForm): ExpectedDigest[] {
  const alt = form === "expanded";
  const what = alt ? "uncompressed payload digest" : "payload digest";
  const classic = hashNames.get(header.integers("PAYLOADSHA256ALGO")[0] ?? 8);
  const named = [
    [alt ? "PAYLOADSHA256ALT" : "PAYLOADSHA256", classic],
    [alt ? "PAYLOADSHA512ALT" : "PAYLOADSHA512", hashNames.get(10)],
    [alt ? "PAYLOADSHA3_256ALT" : "PAYLOADSHA3_256", hashNames.get(12)],
  ] as const;
  return named.flatMap(([tag, hash]) => {
    const [hex] = header.strings(tag);
    return hex === undefined || hash === undefined ? [] : [{ what, ...hash, hex }];
  });
}

/** Compares all that passes, after a prefix, with one digest. */
export function observeDigest(
  expected: ExpectedDigest,
  prefix: Uint8Array = Buffer.alloc(0),
): PayloadObserver {
  const hash = createHash(expected.node).update(prefix);
  return {
    update: (piece) => void hash.update(piece),
    finish: async () => [
      compareDigest(expected.what, expected.label, {
        expected: expected.hex,
        found: hash.digest("hex"),
      }),
    ],
  };
}

/** Compares sizes in bytes. */
export function compareSize(what: CheckSubject, expected: number, found: number): Check {
  if (expected === found) return { what, status: "ok" };
  return { what, status: "bad", detail: `expected ${expected} bytes, found ${found}` };
}

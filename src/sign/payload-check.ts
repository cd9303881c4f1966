import { createHash } from "node:crypto";
import { fileError, nameForPeople } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import { throwIfInterrupted } from "../lib/interrupt.ts";
import type { RpmPackage } from "../rpm/index.ts";
import { judgeSignature, type PendingSignature } from "./judge-signature.ts";
import type { PackageContent } from "./package-content.ts";
import type { Keyring } from "./keyring.ts";
import { observeExpanded } from "./expanded-payload.ts";
import {
  announcedBytes,
  compareSize,
  type ExpectedDigest,
  observeDigest,
  observeStored,
  type PayloadObserver,
} from "./payload-observer.ts";
import type { Check } from "./verification.ts";

function observeSignature(
  pending: PendingSignature,
  header: Buffer,
  options: { readonly keyring: Keyring; readonly now: Date },
): PayloadObserver {
  const hash = createHash(pending.hash.node).update(header);
  return {
    update: (piece) => void hash.update(piece),
    finish: async () => [
      await judgeSignature(pending, hash.update(pending.suffix).digest(), options),
    ],
  };
}

/** Compares the size of header and payload with the one in the signature header. */
function checkSize(rpm: RpmPackage): Check[] {
  const { signature, fileSizeBytes, headerStart } = rpm;
  const expected = announcedBytes(signature, "LONGSIZE") ?? announcedBytes(signature, "SIZE");
  if (expected === undefined) return [];
  return [compareSize("header and payload size", expected, fileSizeBytes - headerStart)];
}

/** Options for checking the payload. */
interface PayloadOptions {
  readonly keyring: Keyring;
  readonly context: Context;
  /** True if it is also decompressed, for checks that rpm does not make. */
  readonly payload: "stored" | "expanded";
  readonly content: PackageContent;
}

function observers(
  rpm: RpmPackage,
  signatures: readonly PendingSignature[],
  options: PayloadOptions,
): PayloadObserver[] {
  const { keyring, context } = options;
  const { raw } = rpm.header;
  const now = context.now();
  const md5 = rpm.signature.bytes("MD5");
  const legacy: ExpectedDigest[] =
    md5 === undefined
      ? []
      : [
          {
            what: "header and payload digest",
            hex: md5.toString("hex"),
            node: "md5",
            label: "MD5",
          },
        ];
  return [
    ...observeStored(rpm),
    ...(options.payload === "expanded" ? observeExpanded(rpm, context) : []),
    ...legacy.map((digest) => observeDigest(digest, raw)),
    ...signatures.map((pending) => observeSignature(pending, raw, { keyring, now })),
  ];
}

/**
 * Reads the payload once, and compares it with all digests and signatures that cover it.
 *
 * @param signatures  signatures over header and payload, of rpm before 4.14
 */
export async function checkPayload(
  rpm: RpmPackage,
  signatures: readonly PendingSignature[],
  options: PayloadOptions,
): Promise<Check[]> {
  const { signal, progress } = options.context;
  const all = observers(rpm, signatures, options);
  const task = progress.start(
    `verify ${nameForPeople(rpm.path)}`,
    rpm.fileSizeBytes - rpm.headerEnd,
  );
  try {
    for await (const piece of options.content.payload) {
      throwIfInterrupted(signal, rpm.path);
      for (const observer of all) await observer.update(piece);
      task.advance(piece.length);
    }
  } catch (error) {
    for (const observer of all) observer.stop?.();
    throw fileError(error, rpm.path);
  } finally {
    task.done();
  }
  const checks = checkSize(rpm);
  for (const observer of all) checks.push(...(await observer.finish()));
  return checks;
}

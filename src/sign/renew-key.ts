import { type PartLife, readKeyLife } from "./key-life.ts";
import { mergeKeys } from "./merge-keys.ts";
import { armorPublicKey, parsePublicKeys, type PublicKey } from "./openpgp/index.ts";
import type { Signer } from "./signer.ts";

/** A published key, updated from its owner's copy. */
export interface RenewedKey {
  /** Armored. */
  readonly publicKey: string;
  /** Changes, one clause each; empty if none matters to clients. */
  readonly changes: readonly string[];
  /** Time from which clients with the old copy refuse new signatures; undefined if they do not. */
  readonly oldCopyFails: { readonly since: Date } | undefined;
}

const day = (date: Date | undefined): string =>
  date === undefined ? "never" : date.toISOString().slice(0, 10);

function nameOf({ isPrimary, keyId }: PartLife): string {
  return isPrimary ? "key" : `subkey ${keyId}`;
}

function changesOf(before: readonly PartLife[], after: readonly PartLife[]): string[] {
  const changes: string[] = [];
  for (const part of after) {
    const old = before.find(({ fingerprint }) => fingerprint === part.fingerprint);
    if (old === undefined) {
      if (part.isForSigning) changes.push(`it has the new ${nameOf(part)}`);
      continue;
    }
    if (old.expiresAt?.getTime() !== part.expiresAt?.getTime()) {
      const [then, now] = [day(old.expiresAt), day(part.expiresAt)];
      changes.push(
        `its ${nameOf(part)} expires ${now === "never" ? now : `on ${now}`}, previously ${then}`,
      );
    }
    if (old.revocation === undefined && part.revocation !== undefined) {
      changes.push(`its ${nameOf(part)} is revoked: ${part.revocation.reason}`);
    }
  }
  return changes;
}

function userChanges(before: PublicKey, after: PublicKey): string[] {
  const known = new Set(before.getUserIDs());
  return after.getUserIDs().flatMap((id) => (known.has(id) ? [] : [`it has the user id "${id}"`]));
}

/**
 * Merges a published key with its owner's copy: the newest self-signatures, user ids and subkeys of both.
 *
 * @returns undefined if the signer's key is another one
 * @throws ApplianceError `SIGN_KEY_BAD` when the published text holds no key
 */
export async function renewPublicKey(
  published: string,
  signer: Pick<Signer, "publicKey" | "fingerprint">,
  now: Date,
): Promise<RenewedKey | undefined> {
  const [own] = await parsePublicKeys(Buffer.from(signer.publicKey), "the signing key");
  const known = await parsePublicKeys(Buffer.from(published), "the published key");
  const fingerprint = own?.getFingerprint();
  const old = known.find((key) => key.getFingerprint() === fingerprint);
  if (own === undefined || old === undefined) return undefined;
  const merged = await mergeKeys(old, own);
  const [before, after] = [await readKeyLife(old, now), await readKeyLife(merged, now)];
  const signing = after.find((part) => part.fingerprint === signer.fingerprint);
  if (signing === undefined) return undefined;
  const oldSigning = before.find((part) => part.fingerprint === signer.fingerprint);
  const end = oldSigning === undefined ? now : oldSigning.expiresAt;
  const isLater = end !== undefined && (signing.expiresAt === undefined || end < signing.expiresAt);
  return {
    publicKey: armorPublicKey(merged),
    changes: [...changesOf(before, after), ...userChanges(old, merged)],
    oldCopyFails: isLater ? { since: end } : undefined,
  };
}

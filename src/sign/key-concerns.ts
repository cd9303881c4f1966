import { ApplianceError } from "../errors.ts";
import { type PartLife, readKeyLife } from "./key-life.ts";
import { type KeyUse, keyFaults, keyRules, type ReachRule } from "./key-reach.ts";
import { parsePublicKeys, type PublicKey } from "./openpgp/index.ts";
import type { TargetName } from "./targets/target.ts";

/** A signing key: all public keys of its file, and the part that signs. */
interface SigningKey {
  readonly publicKey: string;
  readonly fingerprint: string;
}

interface ConcernOptions {
  readonly use: KeyUse;
  readonly now: Date;
  /** Systems whose concerns count. Default, or empty: all. */
  readonly targets?: readonly TargetName[] | undefined;
}

/** Returns a sentence for each signing part of a key that has ended; continues "the key". */
function endedParts(parts: readonly PartLife[], now: Date): string[] {
  return parts.flatMap(({ isPrimary, isForSigning, keyId, expiresAt, revocation }) => {
    const name = isPrimary ? "it" : `its subkey ${keyId}`;
    if (!isPrimary && !isForSigning) return [];
    if (revocation !== undefined) return [`${name} is revoked: ${revocation.reason}`];
    if (expiresAt === undefined || expiresAt > now) return [];
    return [`${name} expired on ${expiresAt.toISOString().slice(0, 10)}`];
  });
}

/** Returns the stable name of a rule and its systems, in brackets. */
function placeOf({ code, targets }: Pick<ReachRule, "code" | "targets">): string {
  return targets.length === 0 ? `[${code}]` : `[${code}: ${targets.join(", ")}]`;
}

/** Returns the concerns about a key: parts that have ended, and systems that cannot import it. */
export async function concernsOf(
  key: PublicKey,
  options: ConcernOptions & { readonly signing?: string | undefined },
): Promise<string[]> {
  const parts = await readKeyLife(key, options.now);
  const [primary] = parts;
  const signing = parts.filter((part) =>
    options.signing === undefined ? part.isForSigning : part.fingerprint === options.signing,
  );
  // The signing part comes first.
  const subject = { key, parts: [...new Set([...signing, primary])], use: options.use };
  const { targets: chosen = [] } = options;
  const faults = keyRules.flatMap((rule) => {
    const targets = rule.targets.filter((one) => chosen.length === 0 || chosen.includes(one));
    // A rule without systems is about other programs.
    const isOfOthers = rule.targets.length > 0 && targets.length === 0;
    const found = isOfOthers ? undefined : rule.fault(subject);
    return found === undefined ? [] : [`${found}  ${placeOf({ code: rule.code, targets })}`];
  });
  return options.signing === undefined ? [...endedParts(parts, options.now), ...faults] : faults;
}

/**
 * Returns the concerns about signing with a key: systems that cannot import it, and the time when they stop trusting
 * it. Each is one sentence that starts with the key's id and ends with the rule and its systems.
 */
export async function keyConcerns(
  signer: SigningKey,
  options: ConcernOptions,
): Promise<readonly string[]> {
  const keys = await parsePublicKeys(Buffer.from(signer.publicKey), "the signing key");
  const { fingerprint: signing } = signer;
  const found: string[] = [];
  for (const key of keys) found.push(...(await concernsOf(key, { ...options, signing })));
  return found.map((one) => `key ${signing.slice(-16)}: ${one}`);
}

/**
 * Refuses a signing key that one of the systems cannot import or use.
 *
 * @throws ApplianceError `SIGN_KEY_TARGET` with every reason and its systems
 */
export async function refuseKeyFor(
  signer: SigningKey,
  targets: readonly TargetName[],
  now: Date,
): Promise<void> {
  const keyId = signer.fingerprint.slice(-16);
  const faults: { readonly bad: readonly TargetName[]; readonly detail: string }[] = [];
  for (const key of await parsePublicKeys(Buffer.from(signer.publicKey), "the signing key"))
    for (const { code, message, targets: all } of await keyFaults(key, { keyId, now })) {
      const bad = targets.filter((one) => all.includes(one));
      if (bad.length > 0)
        faults.push({ bad, detail: `${message}  ${placeOf({ code, targets: bad })}` });
    }
  if (faults.length === 0) return;
  const names = targets.filter((one) => faults.some(({ bad }) => bad.includes(one))).join(", ");
  throw new ApplianceError("SIGN_KEY_TARGET", `key ${keyId}: cannot be used for ${names}`, {
    details: faults.map(({ detail }) => detail),
    hint: "sign with another key, such as one of virt-appliance keys generate, or leave the systems out of --for",
  });
}

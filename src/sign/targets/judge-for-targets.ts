import { keysOf } from "../../lib/keys-of.ts";
import { readRpm, type RpmPackage } from "../../rpm/index.ts";
import { type KeyCode, type KeyFault, keyFaults } from "../key-reach.ts";
import type { Keyring } from "../keyring.ts";
import { issuerOf, type LaxSignature, SignaturePacketError } from "../signature-decode.ts";
import { type PackageFacts, readPackageFacts, type Unprovided } from "./package-facts.ts";
import type { TargetName } from "./target.ts";
import { type TargetCode, targetRules } from "./target-rules.ts";

/** A reason why a package cannot be installed on a target. */
export interface TargetReason {
  readonly code: TargetCode | KeyCode;
  /** A sentence about the package or its key. */
  readonly message: string;
}

/** Whether a package can be installed on a target. */
export interface TargetVerdict {
  readonly target: TargetName;
  /** True if no reason against it is known. */
  readonly ok: boolean;
  readonly reasons: readonly TargetReason[];
  /** What does not keep the package from being installed, but its user may miss. */
  readonly notes: readonly TargetReason[];
}

/** Returns the id of the key that a signature names, if any. */
function issuer(signature: LaxSignature): readonly string[] {
  try {
    return [issuerOf(signature) ?? []].flat();
  } catch (error) {
    // `verifyRpm` reports invalid signatures.
    if (error instanceof SignaturePacketError) return [];
    throw error;
  }
}

async function faultsOfKeys(
  facts: PackageFacts,
  options: { readonly keyring: Keyring; readonly now: Date },
): Promise<readonly KeyFault[]> {
  const signatures = new Set([...facts.legacySignatures, ...facts.currentSignatures]);
  const ids = new Set([...signatures].flatMap(issuer));
  const found: KeyFault[] = [];
  for (const keyId of ids)
    for (const key of options.keyring.keys)
      found.push(...(await keyFaults(key, { keyId, now: options.now })));
  return found;
}

/** Returns what the rules find: reasons against a package, or notes. */
function packageFindings(
  facts: PackageFacts,
  target: TargetName,
  kind: "reason" | "note",
): readonly TargetReason[] {
  return keysOf(targetRules).flatMap((code) => {
    const rule = targetRules[code];
    const isOther = (rule.isNote === true) !== (kind === "note");
    if (isOther || !rule.targets.includes(target)) return [];
    const message = rule.fault(facts, target);
    return message === undefined ? [] : [{ code, message }];
  });
}

/**
 * Judges whether systems can install a package, from what is known of them: digests, signatures and their keys, sizes,
 * and features of rpm that it requires. `verifyRpm` checks whether digests and signatures match. Reads only
 * the headers, and the first bytes of the payload.
 *
 * @param options.keyring  keys of the signatures; of a key that is not among them nothing is known
 * @param options.missing  what the package requires and recommends that is not available; default: not known
 * @returns one verdict for each target, in the given order
 * @throws ApplianceError `RPM_MALFORMED`, `LIB_IO`
 */
export async function judgeForTargets(
  rpm: string | RpmPackage,
  chosen: readonly TargetName[],
  options: {
    readonly keyring: Keyring;
    readonly now: Date;
    readonly missing?: Unprovided | undefined;
  },
): Promise<readonly TargetVerdict[]> {
  if (chosen.length === 0) return [];
  const package_ = typeof rpm === "string" ? await readRpm(rpm) : rpm;
  const facts = await readPackageFacts(package_, options.missing);
  const keys = await faultsOfKeys(facts, options);
  return chosen.map((target) => {
    const ofKeys = keys
      .filter((fault) => fault.targets.includes(target))
      .map(({ code, message }) => ({ code, message }));
    const reasons = [...packageFindings(facts, target, "reason"), ...ofKeys];
    const notes = packageFindings(facts, target, "note");
    return { target, ok: reasons.length === 0, reasons, notes };
  });
}

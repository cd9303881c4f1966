export { signDetached, verifyDetached } from "./detached.ts";
export { type GeneratedKey, generateKey, type KeyRequest } from "./generate-key.ts";
export type { KeyFacts, SubkeyFacts } from "./key-facts.ts";
export { keyConcerns, refuseKeyFor } from "./key-concerns.ts";
export { type Keyring, parseKeyring, readKeyring } from "./keyring.ts";
export { type BrokenKey, exportKey, type ListedKey, listKeys, readNamedKeys } from "./list-keys.ts";
export { heldContent, type PackageContent, passingContent } from "./package-content.ts";
export type { DeviationCode } from "./deviation.ts";
export { renewPublicKey } from "./renew-key.ts";
export { type PackageSignature, packageSignatures } from "./package-signature.ts";
export { removeSignatures, type UnsignedRpm } from "./remove-signatures.ts";
export { type SignedRpm, type SignOptions, signRpm } from "./sign-rpm.ts";
export { plannedSigner, refusePlanned } from "./planned-signer.ts";
export { type GpgSignerRequest, openGpgSigner } from "./outside/open-gpg-signer.ts";
export { openProgramSigner, type ProgramSignerRequest } from "./outside/open-program-signer.ts";
export type { SignerRun } from "./outside/run-signer.ts";
export { findSigner, openSigner } from "./open-signer.ts";
export type { PassphraseSource, SignerRequest } from "./open-signer.ts";
export type { SignatureDates, Signer } from "./signer.ts";
export {
  judgeForTargets,
  type TargetReason,
  type TargetVerdict,
} from "./targets/judge-for-targets.ts";
export { type TargetName, targets } from "./targets/target.ts";
export { isTolerable } from "./verification.ts";
export type { Check, CheckStatus, CheckSubject, Tolerance } from "./verification.ts";
export { type RpmVerification, type VerifyOptions, verifyRpm } from "./verify-rpm.ts";
export type { JudgeOptions, SignatureRules } from "./judge-signature.ts";

/** The only folder that uses the package `openpgp`: it reads, generates and writes keys, and checks signatures. */
export type { PrivateKey, PublicKey, SignaturePacket, Subkey } from "openpgp";
export { armorPublicKey, armorSecretKey } from "./armor-keys.ts";
export { generateRsaKey } from "./generate-rsa-key.ts";
export { MAX_KEY_BYTES, parsePublicKeys, parseSecretKey } from "./parse-keys.ts";
export { privateNumbersOf, unlockKey } from "./secret-keys.ts";
export { isMadeBy, type SelfSignatureSubject } from "./self-signature.ts";
export { signatureFault } from "./signature-fault.ts";

import type { PublicKey, Subkey } from "./openpgp/index.ts";

type KeyPacket = PublicKey["keyPacket"] | Subkey["keyPacket"];

const names: Readonly<Record<string, string>> = {
  eddsaLegacy: "Ed25519",
  ed25519: "Ed25519",
  ed448: "Ed448",
  dsa: "DSA",
  elgamal: "Elgamal",
};

/** Answers the kind of a key as people write it: `RSA-4096`, `Ed25519`, `ECDSA nistP256`. */
export function algorithmOf(packet: KeyPacket): string {
  const { algorithm, bits, curve } = packet.getAlgorithmInfo();
  if (algorithm.startsWith("rsa")) return `RSA-${bits ?? 0}`;
  if (algorithm === "ecdsa" || algorithm === "ecdh")
    return `${algorithm.toUpperCase()} ${curve ?? ""}`;
  return names[algorithm] ?? algorithm;
}

/** Shortest RSA key that EL9 and later, Fedora and openSUSE take. */
const MIN_RSA_BITS = 2048;

/** Answers why a key is too weak to vouch for anything, and undefined when it is not; continues "the key". */
export function weaknessOf(packet: KeyPacket): string | undefined {
  const { algorithm, bits = 0, curve } = packet.getAlgorithmInfo();
  const kind = algorithmOf(packet);
  if (algorithm.startsWith("rsa") && bits < MIN_RSA_BITS) {
    return `is too weak: ${kind}, expected ${MIN_RSA_BITS} bits at least`;
  }
  if (algorithm === "dsa" || algorithm === "elgamal") {
    return `is too weak: ${kind}, which current systems refuse`;
  }
  if (curve === "secp256k1") return `is of a kind that rpm does not know: ${kind}`;
  return undefined;
}

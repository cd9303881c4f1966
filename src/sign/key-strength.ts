import type { PublicKey, Subkey } from "./openpgp/index.ts";

type KeyPacket = PublicKey["keyPacket"] | Subkey["keyPacket"];

const names: Readonly<Record<string, string>> = {
  eddsaLegacy: "Ed25519",
  ed25519: "Ed25519",
  ed448: "Ed448",
  dsa: "DSA",
  elgamal: "Elgamal",
};

/** Returns the display name of a key's kind: `RSA-4096`, `Ed25519`, `ECDSA nistP256`. */
export function algorithmOf(packet: KeyPacket): string {
  const { algorithm, bits, curve } = packet.getAlgorithmInfo();
  if (algorithm.startsWith("rsa")) return `RSA-${bits ?? 0}`;
  if (algorithm === "ecdsa" || algorithm === "ecdh")
    return `${algorithm.toUpperCase()} ${curve ?? ""}`;
  return names[algorithm] ?? algorithm;
}

/** Minimum size of an RSA key in EL9 and later, Fedora and openSUSE. */
const MIN_RSA_BITS = 2048;

/** Supported curves. */
const CURVES: readonly string[] = ["ed25519Legacy", "ed25519", "nistP256", "nistP384", "nistP521"];

/**
 * Returns why the signatures of a key, including its self-signatures, cannot be verified; undefined if they can.
 * Continues "the key".
 */
export function unsupportedCurve(packet: KeyPacket): string | undefined {
  const { algorithm, curve } = packet.getAlgorithmInfo();
  if (algorithm !== "ecdsa" || curve === undefined || CURVES.includes(curve)) return undefined;
  return `uses the curve ${curve}, expected one of Ed25519, nistP256, nistP384, nistP521`;
}

/** Returns why a key is too weak; undefined if it is not. Continues "the key". */
export function weaknessOf(packet: KeyPacket): string | undefined {
  const { algorithm, bits = 0 } = packet.getAlgorithmInfo();
  const kind = algorithmOf(packet);
  if (algorithm.startsWith("rsa") && bits < MIN_RSA_BITS) {
    return `is too weak: ${kind}, expected at least ${MIN_RSA_BITS} bits`;
  }
  if (algorithm === "dsa" || algorithm === "elgamal") {
    return `is too weak: ${kind}, which current systems refuse`;
  }
  return undefined;
}

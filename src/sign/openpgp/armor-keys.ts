import { type AnyPacket, encryptKey, PacketList, type PrivateKey, type PublicKey } from "openpgp";
import { encodeArmor } from "../armor.ts";
import { config } from "./config.ts";

/**
 * Returns the public half of a key as armored text with LF line ends. A subkey's bindings come before its
 * revocations: rpm 4.18, and older ones with the fix of CVE-2021-3521, do not import a key in gpg's order.
 */
export function armorPublicKey(key: PublicKey | PrivateKey): string {
  const half = key.toPublic();
  const ofSubkeys: AnyPacket[] = half.subkeys.flatMap((part) => [
    part.keyPacket,
    ...part.bindingSignatures,
    ...part.revocationSignatures,
  ]);
  const others = half.toPacketList().filter((packet) => !ofSubkeys.includes(packet));
  const packets = new PacketList<AnyPacket>();
  packets.push(...others, ...ofSubkeys);
  return encodeArmor("PUBLIC KEY BLOCK", packets.write());
}

/** Returns an unlocked key as armored text, locked with the passphrase when there is one. */
export async function armorSecretKey(
  privateKey: PrivateKey,
  passphrase: string | undefined,
): Promise<string> {
  if (passphrase === undefined) return privateKey.armor();
  return (await encryptKey({ privateKey, passphrase, config })).armor();
}

import { lstat } from "node:fs/promises";
import { ApplianceError } from "../errors.ts";
import { chooseSigningPart } from "./choose-signing-part.ts";
import { findPart } from "./key-facts.ts";
import type { PartLife } from "./key-life.ts";
import { keyNames, keyPaths, readSecretKey } from "./key-folder.ts";
import { isNamedBy, listKeys, unknownKey } from "./list-keys.ts";
import { readKeyBytes } from "./keyring.ts";
import { mergeKeys } from "./merge-keys.ts";
import {
  armorPublicKey,
  parsePublicKeys,
  type PrivateKey,
  privateNumbersOf,
  type PublicKey,
  unlockKey,
} from "./openpgp/index.ts";
import {
  makePacketSigner,
  type PrivateNumbers,
  publicKeyAlgorithms,
  subpacket,
} from "./packet-signer.ts";
import { plannedSigner } from "./planned-signer.ts";
import { signatureTimes } from "./signature-times.ts";
import type { Signer } from "./signer.ts";
import { unusableKind } from "./signing-algorithm.ts";
import { encodeUint32, signatureTypes, subpacketTypes } from "./signature-packet.ts";

/** Asks for the passphrase of the named key; returns undefined if none is available. */
export type PassphraseSource = (keyLabel: string) => Promise<string | undefined>;

/** Options for opening a key. */
export interface SignerRequest {
  /** Path of a secret key, or name, fingerprint or key id of one in the folder. */
  readonly key: string;
  readonly folder: string;
  /** Called only if the key is locked. */
  readonly passphrase?: PassphraseSource | undefined;
  readonly now: Date;
}

async function isFile(path: string): Promise<boolean> {
  return lstat(path).then(
    (stats) => !stats.isDirectory(),
    () => false,
  );
}

interface FoundKey {
  readonly secretPath: string;
  /** Public half of the same key, which may have been updated separately; undefined if there is none. */
  readonly publicPath?: string;
}

function inFolder(folder: string, name: string, hasPublic: boolean): FoundKey {
  const { secretPath, publicPath } = keyPaths(folder, name);
  return { secretPath, ...(hasPublic ? { publicPath } : {}) };
}

async function findSecretKey({ key, folder, now }: SignerRequest): Promise<FoundKey> {
  if (key.includes("/")) return { secretPath: key };
  // By name first, without reading the files: an unreadable file is a separate error.
  const names = await keyNames(folder);
  const named = names.find((one) => one.name === key);
  if (named?.hasSecret === true) return inFolder(folder, key, named.hasPublic);
  const { keys } = await listKeys(folder, now);
  const found = keys.find((one) => isNamedBy(one, key));
  if (found?.hasSecret === true) {
    const hasPublic = names.some((one) => one.name === found.name && one.hasPublic);
    return inFolder(folder, found.name, hasPublic);
  }
  if (found === undefined && (await isFile(key))) return { secretPath: key };
  throw unknownKey(key, folder, keys);
}

async function unlock(key: PrivateKey, file: string, request: SignerRequest): Promise<PrivateKey> {
  if (key.isDecrypted()) return key;
  const passphrase = await request.passphrase?.(`${key.getUserIDs()[0] ?? ""} (${file})`);
  if (passphrase === undefined) {
    throw new ApplianceError(
      "SIGN_PASSPHRASE_MISSING",
      `${file}: the key is locked with a passphrase`,
      {
        hint: "pass it with --passphrase-fd N or in VIRT_APPLIANCE_PASSPHRASE, or run on a terminal",
      },
    );
  }
  const unlocked = await unlockKey(key, passphrase);
  if (unlocked !== undefined) return unlocked;
  throw new ApplianceError("SIGN_WRONG_PASSPHRASE", `${file}: wrong passphrase`);
}

/** Returns the public half, merged from both files, because often only one of them is updated. */
async function publicHalfOf(
  secret: PrivateKey,
  publicPath: string | undefined,
): Promise<PublicKey> {
  if (publicPath === undefined) return secret.toPublic();
  const keys = await parsePublicKeys(await readKeyBytes(publicPath), publicPath);
  const other = keys.find((key) => key.getFingerprint() === secret.getFingerprint());
  return other === undefined ? secret.toPublic() : mergeKeys(secret, other);
}

function makeSigner(
  publicKey: PublicKey,
  life: PartLife,
  { numbers, file }: { readonly numbers: PrivateNumbers; readonly file: string },
): Signer {
  const { fingerprint, keyId } = life;
  const signPacket = makePacketSigner(numbers, Buffer.from(fingerprint, "hex"));
  return {
    fingerprint,
    keyId,
    algorithm: numbers.algorithm === publicKeyAlgorithms.eddsaLegacy ? "EdDSA" : "RSA",
    publicKey: armorPublicKey(publicKey),
    async sign(bytes, dates): Promise<Uint8Array> {
      const { createdSeconds, lifetimeSeconds } = signatureTimes(dates, life, file);
      return signPacket({
        signatureType: signatureTypes.binary,
        subpackets:
          lifetimeSeconds === undefined
            ? []
            : [subpacket(subpacketTypes.expirationTime, encodeUint32(lifetimeSeconds))],
        createdSeconds,
        data: bytes,
      });
    },
  };
}

interface SigningPart {
  readonly file: string;
  readonly locked: PrivateKey;
  readonly publicKey: PublicKey;
  readonly life: PartLife;
}

async function findSigningPart(request: SignerRequest): Promise<SigningPart> {
  const { secretPath: file, publicPath } = await findSecretKey(request);
  const locked = await readSecretKey(file);
  const publicKey = await publicHalfOf(locked, publicPath);
  const holdsSecret = ({ keyId }: PartLife): boolean => {
    const packet = findPart(locked, keyId)?.keyPacket;
    return packet !== undefined && !("isDummy" in packet && packet.isDummy());
  };
  const halves = { publicKey, holdsSecret, place: "this file" };
  const life = await chooseSigningPart(halves, file, request.now);
  return { file, locked, publicKey, life };
}

/**
 * Finds the key that `openSigner` would open, with the same checks, but does not unlock it.
 *
 * @returns a signer for plans, see `plannedSigner`
 * @throws ApplianceError as `openSigner`, except those about passphrases
 */
export async function findSigner(request: Omit<SignerRequest, "passphrase">): Promise<Signer> {
  const { publicKey, life } = await findSigningPart(request);
  return plannedSigner({
    fingerprint: life.fingerprint,
    publicKey: armorPublicKey(publicKey),
  });
}

/**
 * Opens a secret key for signing, in this process. RSA keys and Ed25519 keys of OpenPGP version 4 can sign.
 *
 * @throws ApplianceError `SIGN_KEY_UNKNOWN` listing the known ones, `SIGN_KEY_EXPOSED`, `SIGN_KEY_BAD`,
 *   `SIGN_KEY_EXPIRED`, `SIGN_KEY_REVOKED`, `SIGN_KEY_UNUSABLE`, `SIGN_PASSPHRASE_MISSING`, `SIGN_WRONG_PASSPHRASE`
 */
export async function openSigner(request: SignerRequest): Promise<Signer> {
  const { file, locked, publicKey, life } = await findSigningPart(request);
  const key = await unlock(locked, file, request);
  const part = key.getKeys().find((one) => one.getKeyID().toHex() === life.keyId);
  const numbers = part === undefined ? undefined : privateNumbersOf(part);
  if (numbers === undefined) throw unusableKind(file, life.algorithm);
  return makeSigner(publicKey, life, { numbers, file });
}

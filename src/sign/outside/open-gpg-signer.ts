import { ApplianceError } from "../../errors.ts";
import type { Context } from "../../lib/context.ts";
import { chooseSigningPart } from "../choose-signing-part.ts";
import type { PartLife } from "../key-life.ts";
import { parsePublicKeys, type PublicKey } from "../openpgp/index.ts";
import type { SignatureTimes } from "../signature-times.ts";
import type { Signer } from "../signer.ts";
import { type GpgSecretKey, parseGpgSecretKeys } from "./gpg-secret-keys.ts";
import { makeOutsideSigner } from "./make-outside-signer.ts";
import { runSigner, type SignerRun } from "./run-signer.ts";

/** A key of gpg. */
export interface GpgSignerRequest extends SignerRun {
  /**
   * Fingerprint, key id or user id, as gpg takes them. A fingerprint or key id with `!` names exactly this key or
   * subkey; otherwise the key itself signs, or its first subkey that can.
   */
  readonly keyId: string;
}

function unknownToGpg(
  origin: string,
  fact: string,
  details: readonly string[] = [],
): ApplianceError {
  return new ApplianceError("SIGN_KEY_UNKNOWN", `${origin}: ${fact}`, {
    details,
    hint: "gpg --list-secret-keys lists the keys of $GNUPGHOME; name one by its fingerprint",
  });
}

/** `20250601T000000`, as gpg takes it. */
function gpgTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
}

/** Runs gpg with further arguments, and returns its standard output. */
type Gpg = (args: readonly string[], input?: Uint8Array) => Promise<Uint8Array>;

/** Returns the one secret key that a text names. */
async function findKey(named: string, origin: string, gpg: Gpg): Promise<GpgSecretKey> {
  const args = ["--with-colons", "--list-secret-keys", "--", named];
  const listing = await gpg(args).catch((error: unknown) => {
    if (!(error instanceof ApplianceError) || error.code !== "SIGN_SIGNER_FAILED") throw error;
    throw unknownToGpg(origin, "gpg has no such secret key", error.details);
  });
  const keys = parseGpgSecretKeys(Buffer.from(listing).toString("utf8"));
  const [found, second] = keys;
  if (found === undefined) throw unknownToGpg(origin, "gpg has no such secret key");
  if (second === undefined) return found;
  const all = keys.map(({ fingerprint }) => fingerprint);
  throw unknownToGpg(origin, `names ${all.length} secret keys, expected one`, all);
}

async function exportKey(fingerprint: string, origin: string, gpg: Gpg): Promise<PublicKey> {
  // Photos and other people's signatures would be published with the key, and some rpm do not import them.
  const options = ["--export-options", "export-minimal,no-export-attributes"];
  const exported = await gpg([...options, "--no-armor", "--export", "--", fingerprint]);
  const keys = await parsePublicKeys(exported, origin);
  const found = keys.find((key) => key.getFingerprint() === fingerprint);
  if (found === undefined) throw unknownToGpg(origin, "gpg has no public half of the key");
  return found;
}

/** Returns the arguments for a detached signature by exactly one key or subkey; they take precedence over gpg.conf. */
function signingArguments(fingerprint: string, times: SignatureTimes): readonly string[] {
  const { createdSeconds, lifetimeSeconds } = times;
  const lifetime = lifetimeSeconds === undefined ? "0" : `seconds=${lifetimeSeconds}`;
  const form = ["--no-armor", "--no-textmode", "--digest-algo", "SHA512"];
  // gpg has no other option for the date of a signature. The trust database must not get that date.
  const created = ["--no-auto-check-trustdb", "--faked-system-time", `${gpgTime(createdSeconds)}!`];
  const by = ["--local-user", `${fingerprint}!`];
  return [
    ...form,
    ...created,
    "--default-sig-expire",
    lifetime,
    ...by,
    "--output",
    "-",
    "--detach-sign",
  ];
}

/**
 * Opens a key of gpg, which makes the signatures: neither secret keys nor passphrases enter this process. The agent of
 * gpg asks for the passphrase, or for the smart card.
 *
 * @throws ApplianceError `LIB_EXEC_MISSING` if gpg is not installed, `SIGN_KEY_UNKNOWN`, `SIGN_KEY_EXPIRED`,
 *   `SIGN_KEY_REVOKED`, `SIGN_KEY_UNUSABLE`, `SIGN_SIGNER_FAILED`; the signer's `sign` also `SIGN_SIGNER_BAD_ANSWER`
 */
export async function openGpgSigner(
  request: GpgSignerRequest,
  context: Pick<Context, "run" | "now">,
): Promise<Signer> {
  const { keyId, ...how } = request;
  const origin = `gpg:${keyId}`;
  const gpg: Gpg = async (args, input) =>
    runSigner(["gpg", "--batch", "--no-tty", ...args], { ...how, input }, context);
  const exact = /^(?:0x)?([0-9A-Fa-f]{8,40})!$/.exec(keyId)?.[1];
  const { fingerprint, present } = await findKey(exact ?? keyId, origin, gpg);
  const publicKey = await exportKey(fingerprint, origin, gpg);
  const halves = {
    publicKey,
    holdsSecret: (one: PartLife): boolean => present.has(one.fingerprint),
    place: "gpg",
    only: exact?.toLowerCase(),
  };
  const part = await chooseSigningPart(halves, origin, context.now());
  const ask = async (bytes: Uint8Array, times: SignatureTimes): Promise<Uint8Array> =>
    gpg(signingArguments(part.fingerprint, times), bytes);
  return makeOutsideSigner({ origin, publicKey, part, ask }, context);
}

/*
 * gpg's listing of secret keys with --with-colons (GnuPG's doc/DETAILS). Fields count from 1:
 *
 *   sec or ssb       a secret key, or a subkey of the last one; field 15: "#" if its secret half is elsewhere, "+" if it is
 *                    there, or the serial number of the smart card that holds it
 *   fpr              the fingerprint of the last sec or ssb, in field 10
 */

/** A secret key of gpg. */
export interface GpgSecretKey {
  /** Of the primary key, lower case. */
  readonly fingerprint: string;
  /** Fingerprints of the key and its subkeys that can sign: the secret half is there, or on a smart card. */
  readonly present: ReadonlySet<string>;
}

/** Returns the secret keys in a listing of gpg. */
export function parseGpgSecretKeys(listing: string): readonly GpgSecretKey[] {
  const keys: { fingerprint: string; readonly present: Set<string> }[] = [];
  let isPresent = false;
  for (const line of listing.split("\n")) {
    const fields = line.split(":");
    const [kind] = fields;
    if (kind === "sec" || kind === "ssb") {
      if (kind === "sec") keys.push({ fingerprint: "", present: new Set() });
      isPresent = fields[14] !== "#";
    }
    const key = keys.at(-1);
    if (kind !== "fpr" || key === undefined) continue;
    const fingerprint = (fields[9] ?? "").toLowerCase();
    if (key.fingerprint === "") key.fingerprint = fingerprint;
    if (isPresent) key.present.add(fingerprint);
  }
  return keys;
}

/** Creation time and lifetime of a signature. */
export interface SignatureDates {
  /** Raised to the creation time of the key if it is earlier: verifiers refuse signatures older than their key. */
  readonly createdAt: Date;
  /** Default: the signature never expires. */
  readonly expiresAt?: Date | undefined;
}

/** Creates signatures with one key, wherever its secret half is. */
export interface Signer {
  /** Of the signing key, 40 lower-case hex digits. */
  readonly fingerprint: string;
  /** Its last 16 digits. */
  readonly keyId: string;
  /** Determines the tag of a package for the signature. */
  readonly algorithm: "RSA" | "EdDSA";
  /** The public half, armored. */
  readonly publicKey: string;
  /**
   * Set for a signer for plans, which returns zeros instead of signatures. Nothing may be signed or published with it.
   */
  readonly isPlanned?: true;
  /**
   * Returns one binary OpenPGP signature packet (version 4, binary type) over the bytes.
   *
   * @throws ApplianceError `SIGN_KEY_EXPIRED` if the key ends before the creation time of the signature
   */
  sign(bytes: Uint8Array, dates: SignatureDates): Promise<Uint8Array>;
}

/** When a signature says it was made, and until when it is good. */
export interface SignatureDates {
  /** A moment before the key was made becomes that moment: verifiers refuse signatures older than their key. */
  readonly createdAt: Date;
  /** Without it the signature never expires. */
  readonly expiresAt?: Date | undefined;
}

/** Makes signatures with one key, wherever its secret half is. */
export interface Signer {
  /** Of the signing key, 40 lower-case hex digits. */
  readonly fingerprint: string;
  /** Its last 16 digits. */
  readonly keyId: string;
  /** Decides which tag of a package the signature is stored in. */
  readonly algorithm: "RSA" | "EdDSA";
  /** The public half, armored. */
  readonly publicKey: string;
  /** Set when it gives zeros instead of signatures, for plans: nothing may be signed or published with it. */
  readonly isPlanned?: true;
  /**
   * Returns one binary OpenPGP signature packet (version 4, binary type) over the bytes.
   *
   * @throws ApplianceError `SIGN_KEY_EXPIRED` when the key ends before the time that the signature is to tell
   */
  sign(bytes: Uint8Array, dates: SignatureDates): Promise<Uint8Array>;
}

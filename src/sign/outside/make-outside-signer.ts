import type { Context } from "../../lib/context.ts";
import type { PartLife } from "../key-life.ts";
import { armorPublicKey, type PublicKey } from "../openpgp/index.ts";
import { type SignatureTimes, signatureTimes } from "../signature-times.ts";
import type { Signer } from "../signer.ts";
import { signingAlgorithm } from "../signing-algorithm.ts";
import { checkAnswer } from "./check-answer.ts";

/** The key of an outside signer, and how to ask for its signatures. */
export interface OutsideKey {
  /** Name of the signer in messages. */
  readonly origin: string;
  readonly publicKey: PublicKey;
  readonly part: PartLife;
  /** Returns the answer of the signer, which is not checked yet. */
  readonly ask: (bytes: Uint8Array, times: SignatureTimes) => Promise<Uint8Array>;
}

/**
 * Returns a signer whose signatures are made by another program. Each is checked before it is returned.
 *
 * @throws ApplianceError `SIGN_KEY_UNUSABLE` if the key is neither RSA nor Ed25519
 */
export function makeOutsideSigner(
  { origin, publicKey, part, ask }: OutsideKey,
  { now }: Pick<Context, "now">,
): Signer {
  const algorithm = signingAlgorithm(publicKey, part.keyId, origin);
  return {
    fingerprint: part.fingerprint,
    keyId: part.keyId,
    algorithm,
    publicKey: armorPublicKey(publicKey),
    async sign(bytes, dates): Promise<Uint8Array> {
      const times = signatureTimes(dates, part, origin);
      const answer = await ask(bytes, times);
      const asked = { origin, bytes, times, publicKey, part, algorithm, now: now() };
      return checkAnswer(answer, asked);
    },
  };
}

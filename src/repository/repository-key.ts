import { ApplianceError } from "../errors.ts";
import { renewPublicKey, type Signer } from "../sign/index.ts";
import { keyFileOf, type RepositoryConfig } from "./repository-config.ts";

/** A repository's configuration with the current signing key. */
export interface KeyRenewal {
  readonly config: RepositoryConfig;
  /** True if the configuration must be rewritten. */
  readonly changed: boolean;
  /** Changes for clients, and what their administrators must do; one sentence each. */
  readonly notes: readonly string[];
}

function wrongKey(config: RepositoryConfig, signer: Signer | undefined, origin: string): Error {
  const expected = config.key?.fingerprint;
  const found = signer === undefined ? "no key was given" : `found ${signer.fingerprint}`;
  return new ApplianceError(
    "REPO_WRONG_KEY",
    expected === undefined
      ? `${origin}: the repository has no signatures, but a key was given`
      : `${origin}: metadata is signed by key ${expected}, ${found}`,
    { hint: "use the key that the repository was made with" },
  );
}

/**
 * Returns the configuration with the given key, which must be the repository's. Its changes (a later expiry, another
 * user id, a new subkey) are published with the next release.
 *
 * @throws ApplianceError `REPO_WRONG_KEY`
 */
export async function renewRepositoryKey(
  config: RepositoryConfig,
  signer: Signer | undefined,
  options: { readonly origin: string; readonly now: Date },
): Promise<KeyRenewal> {
  const { key } = config;
  if (key === undefined && signer === undefined) return { config, changed: false, notes: [] };
  if (key === undefined || signer === undefined) throw wrongKey(config, signer, options.origin);
  const renewed = await renewPublicKey(key.publicKey, signer, options.now);
  if (renewed === undefined) throw wrongKey(config, signer, options.origin);
  const { publicKey, changes, oldCopyFails } = renewed;
  const { fingerprint } = signer;
  const changed = publicKey !== key.publicKey || fingerprint !== key.fingerprint;
  const notes =
    changes.length === 0 ? [] : [`${keyFileOf(config)} is updated: ${changes.join("; ")}`];
  if (oldCopyFails !== undefined) {
    const since = oldCopyFails.since.toISOString().slice(0, 10);
    notes.push(
      `clients with dnf 4 keep the old key and refuse the repository from ${since} on: ` +
        `remove /var/cache/dnf/${config.name}-*/pubring there; dnf clean does not remove it`,
    );
  }
  return { config: { ...config, key: { fingerprint, publicKey } }, changed, notes };
}

import type { Store } from "../publish/index.ts";
import { keyConcerns, renewPublicKey } from "../sign/index.ts";
import { keyFileOf, type RepositoryConfig } from "./repository-config.ts";

/** Problems of the key that clients import, and warnings for its owner; one sentence each. */
export interface KeyCheck {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Compares the published key with the key in the repository's configuration, and with its owner's copy if available.
 *
 * @param options.ownerKey  public half, armored
 */
export async function checkPublishedKey(
  config: RepositoryConfig,
  store: Store,
  options: { readonly ownerKey?: string | undefined; readonly now: Date },
): Promise<KeyCheck> {
  const { key } = config;
  if (key === undefined) return { problems: [], warnings: [] };
  const file = keyFileOf(config);
  const published = await store.read(file);
  if (published === undefined) return { problems: [`${file}: missing`], warnings: [] };
  const problems = published.equals(Buffer.from(key.publicKey))
    ? []
    : [`${file}: differs from the repository's key; the next repo add publishes it again`];
  const { ownerKey, now } = options;
  const warnings = [...(await keyConcerns(key, { use: "repository", now }))];
  if (ownerKey === undefined) return { problems, warnings };
  const owner = { publicKey: ownerKey, fingerprint: key.fingerprint };
  const changes = (await renewPublicKey(key.publicKey, owner, now))?.changes ?? [];
  if (changes.length > 0) {
    const fact = `${file}: its owner's copy is newer: ${changes.join("; ")}`;
    warnings.push(`${fact}; the next repo add publishes it`);
  }
  return { problems, warnings };
}

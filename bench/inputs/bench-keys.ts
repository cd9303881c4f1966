import { mkdir } from "node:fs/promises";
import path from "node:path";
import { generateKey, openSigner, type Signer } from "../../src/sign/index.ts";
import type { Shop } from "./shop.ts";

/** One key, for us, gpg and rpm. */
export interface BenchKeys {
  readonly folder: string;
  readonly publicPath: string;
  readonly secretPath: string;
  readonly fingerprint: string;
  readonly signer: Signer;
}

/** Generates a key without a passphrase. */
export function benchKeys(shop: Shop): Promise<BenchKeys> {
  return shop.once("keys", async () => {
    const folder = path.join(shop.folder, "keys");
    const createdAt = new Date("2025-06-01T00:00:00Z");
    const userId = "Bench <bench@example.com>";
    const made = await generateKey({ name: "bench", userId, folder, createdAt });
    const signer = await openSigner({ key: "bench", folder, now: shop.context.now() });
    return { folder, signer, ...made };
  });
}

/** The beginning of a shell command that signs with {@link gpgSigning}'s environment. */
export const RPMSIGN =
  'rpmsign --define "_gpg_name $SIGNING_KEY" --define "_gpg_path $GNUPGHOME" --define "__gpg $(command -v gpg)"';

/** Imports the key into a home of gpg, and returns the environment in which rpmsign uses it. */
export function gpgSigning(
  shop: Shop,
): Promise<{ readonly env: Readonly<Record<string, string>> }> {
  return shop.once("gpg", async () => {
    const { secretPath, fingerprint } = await benchKeys(shop);
    const home = path.join(shop.folder, "gpg");
    await mkdir(home, { mode: 0o700 });
    const env = { GNUPGHOME: home, HOME: shop.folder, SIGNING_KEY: fingerprint };
    await shop.context.run("gpg", ["--batch", "--quiet", "--import", secretPath], { env });
    shop.atEnd(async () => {
      await shop.context.run("gpgconf", ["--kill", "all"], { env, ignoresInterrupt: true });
    });
    return { env };
  });
}

/** Makes a database of rpm that knows the key, and returns its folder. */
export function rpmDatabase(shop: Shop): Promise<string> {
  return shop.once("rpmdb", async () => {
    const { publicPath } = await benchKeys(shop);
    const folder = await shop.newFolder("rpmdb");
    await shop.context.run("rpmkeys", ["--dbpath", folder, "--import", publicPath]);
    return folder;
  });
}

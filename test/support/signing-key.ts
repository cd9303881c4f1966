import {
  type GeneratedKey,
  generateKey,
  type Keyring,
  openSigner,
  readKeyring,
  type Signer,
} from "../../src/sign/index.ts";
import { lastingFolder } from "./temporary.ts";

/** A signing key that lives as long as the tests of one process: making RSA-4096 takes a second. */
export interface TestKey {
  readonly folder: string;
  readonly generated: GeneratedKey;
  readonly signer: Signer;
  readonly keyring: Keyring;
}

/** When the key was made: before the clock of testContext. */
export const KEY_CREATED_AT: Date = new Date("2025-06-01T00:00:00Z");

let made: Promise<TestKey> | undefined;

async function make(): Promise<TestKey> {
  const folder = await lastingFolder();
  const generated = await generateKey({
    name: "test",
    userId: "Test Builders <builders@example.com>",
    folder,
    createdAt: KEY_CREATED_AT,
  });
  const signer = await openSigner({ key: "test", folder, now: new Date("2026-01-02T03:04:05Z") });
  return { folder, generated, signer, keyring: await readKeyring({ folders: [folder] }) };
}

/** Returns the one test key of this process, unlocked; its files are removed at the end. */
export function testKey(): Promise<TestKey> {
  return (made ??= make());
}

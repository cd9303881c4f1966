import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { type PartLife, readKeyLife } from "../../src/sign/key-life.ts";
import { parsePublicKeys, type PublicKey } from "../../src/sign/openpgp/index.ts";
import { useSuiteGpg } from "../support/private-gpg.ts";

const MADE = "2024-01-01T00:00:00Z";
const now = new Date("2024-10-01T00:00:00Z");

describe("a subkey that signs", () => {
  const suite = useSuiteGpg(MADE);
  const files = new Map<string, string>();

  before(async () => {
    const { gpg } = suite;
    for (const name of ["owner", "thief"]) {
      await gpg.makeKey(name, "ed25519", "sign", "2y");
      const [fingerprint = ""] = await gpg.fingerprints(name);
      for (const expiry of ["1y", "never"])
        await gpg.quiet("--quick-add-key", fingerprint, "ed25519", "sign", expiry);
      files.set(name, (await gpg.export(name)).public);
    }
  });

  async function read(name: string): Promise<PublicKey> {
    const [key] = await parsePublicKeys(await readFile(files.get(name) ?? ""), name);
    assert.ok(key !== undefined);
    return key;
  }
  const subkeysOf = async (key: PublicKey): Promise<readonly PartLife[]> =>
    (await readKeyLife(key, now)).slice(1);

  it("is good when each of both keys vouches for the other, until the first end of both", async () => {
    const subkeys = await subkeysOf(await read("owner"));
    assert.deepEqual(
      subkeys.map(({ isForSigning, fault, expiresAt }) => [
        isForSigning,
        fault,
        expiresAt?.toISOString(),
      ]),
      [
        [true, undefined, "2024-12-31T00:00:00.000Z"],
        [true, undefined, "2025-12-31T00:00:00.000Z"],
      ],
    );
  });

  it("is not when it does not vouch for its owner: anybody could claim its signatures", async () => {
    const key = await read("owner");
    const [first, second] = key.subkeys.map(({ bindingSignatures }) => bindingSignatures[0]);
    assert.ok(first !== undefined && second !== undefined);
    first.embeddedSignature = second.embeddedSignature;
    second.embeddedSignature = null;
    for (const { fault } of await subkeysOf(key)) assert.match(fault ?? "", /not cross-certified/);
  });

  it("is revoked with its owner's key", async () => {
    const { gpg } = suite;
    await gpg.makeKey("gone", "ed25519", "sign", "2y");
    const [fingerprint = ""] = await gpg.fingerprints("gone");
    await gpg.quiet("--quick-add-key", fingerprint, "ed25519", "sign", "never");
    // 1: the key was compromised.
    const revocation = await gpg.answer(["y", "1", "", "y"], "--gen-revoke", fingerprint);
    const file = path.join(gpg.home, "revocation.asc");
    await writeFile(file, revocation);
    await gpg.quiet("--import", file);
    files.set("gone", (await gpg.export("gone")).public);
    const expected = { reason: "compromised", since: undefined };
    for (const part of await readKeyLife(await read("gone"), now))
      assert.deepEqual(part.revocation, expected);
  });

  it("is not when its owner does not vouch for it", async () => {
    const [thief, owner] = [await read("thief"), await read("owner")];
    thief.subkeys.push(...owner.subkeys);
    const faults = (await subkeysOf(thief)).map(({ fault }) => fault);
    const none = "has no valid binding signature";
    assert.deepEqual(faults, [undefined, undefined, none, none]);
  });
});

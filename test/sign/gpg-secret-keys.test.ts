import assert from "node:assert/strict";
import { parseGpgSecretKeys } from "../../src/sign/outside/gpg-secret-keys.ts";

const print = (digit: string): string => digit.repeat(40);

/** A record of a key or subkey, as gpg writes it, with its fingerprint and keygrip. */
function record(kind: "sec" | "ssb", digit: string, token: string): string {
  const id = print(digit).slice(-16);
  return (
    `${kind}:u:2048:1:${id}:1796063015::::::sc:::${token}:::23::0:\n` +
    `fpr:::::::::${print(digit)}:\ngrp:::::::::${print("0")}:\n`
  );
}

describe("gpg's listing of secret keys", () => {
  it("says which secret halves gpg can use: those in its keyring, and those on a smart card", () => {
    const listing =
      record("sec", "A", "#") +
      "uid:u::::1796063015::ABCD::A#+ <a@example.com>::::::::::0:\n" +
      record("ssb", "B", "D2760001240102010006012345670000") +
      record("ssb", "C", "+") +
      record("ssb", "D", "#") +
      record("sec", "E", "+");
    assert.deepEqual(parseGpgSecretKeys(listing), [
      { fingerprint: print("a"), present: new Set([print("b"), print("c")]) },
      { fingerprint: print("e"), present: new Set([print("e")]) },
    ]);
  });

  it("has no key in an empty listing, or in one of public keys", () => {
    for (const listing of [
      "",
      "tru::1:1796063015:0:3:1:5\n",
      `pub:u:::\nfpr:::::::::${print("A")}:\n`,
    ]) {
      assert.deepEqual(parseGpgSecretKeys(listing), []);
    }
  });
});

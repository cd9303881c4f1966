import assert from "node:assert/strict";
import { ApplianceError } from "../../src/errors.ts";
import { openMemoryStore } from "../../src/publish/index.ts";
import { acceptPackages } from "../../src/repository/accept-packages.ts";
import type { AcceptanceRules } from "../../src/repository/judge-package.ts";
import type { Keyring } from "../../src/sign/index.ts";
import { edit, smallPackage } from "../fixtures/unsigned-package.ts";
import { testContext } from "../support/context.ts";
import { openCrafter, type SignatureCrafter } from "../fixtures/crafted-signature.ts";
import { binEntry, digestEntries, joinRpm, splitRpm, withTags } from "../fixtures/rpm-parts.ts";
import { testKey } from "../fixtures/signing-key.ts";

/** Returns the path of a package with this signature of its header and right digests. */
async function packageWith(
  sign: (header: Buffer, crafter: SignatureCrafter) => Buffer,
  name = "signed.rpm",
): Promise<string> {
  const crafter = await openCrafter();
  const file = await smallPackage(name);
  await edit(file, (bytes) => {
    const parts = splitRpm(bytes);
    const set = [binEntry(268, sign(digestEntries(parts).header, crafter))];
    return joinRpm({ ...parts, signature: withTags(parts.signature, { set }) });
  });
  return file;
}

const none: Keyring = { keys: [] };

/** The keys of a repository, and which packages it is asked to accept. */
async function allRules(): Promise<readonly AcceptanceRules[]> {
  const { keyring } = await testKey();
  return [undefined, none, keyring].flatMap((given) =>
    [false, true].map((allowUnsigned) => ({
      store: openMemoryStore(),
      present: async () => undefined,
      keyring: given,
      allowUnsigned,
      strict: false,
      sources: "kept" as const,
    })),
  );
}

describe("a signature in a package that is given to a repository", () => {
  for (const [what, sign] of [
    ["over a text", (h, c) => c.version4(h, { type: 1 })],
    ["over MD5", (h, c) => c.version4(h, { hash: "md5" })],
    ["of two numbers", (h, c) => c.version4(h, { more: Buffer.from([0, 1, 1]) })],
    ["without a time", (h, c) => c.version4(h, { hashed: Buffer.alloc(0) })],
    ["that is cut short", (h, c) => c.version4(h).subarray(0, 40)],
    ["that is no packet", () => Buffer.from("signed")],
  ] as const satisfies readonly (readonly [string, Parameters<typeof packageWith>[0]])[]) {
    it(`lets nothing in when it is one ${what}, whatever the keys, unsigned packages allowed or not`, async () => {
      const file = await packageWith(sign);
      for (const rules of await allRules())
        await assert.rejects(
          acceptPackages([file], rules, testContext()),
          (error) =>
            error instanceof ApplianceError &&
            error.code === "REPO_BAD_PACKAGES" &&
            error.details.some((line) => line.startsWith(`${file}: header signature: `)),
        );
    });
  }

  it("is judged where there are keys, and lets nothing in that another key signed", async () => {
    const { keyring } = await testKey();
    const good = await packageWith((header, crafter) => crafter.version4(header));
    const bad = await packageWith((_, crafter) => crafter.version4(Buffer.from("x")), "bad.rpm");
    const fate = async (file: string, rules: AcceptanceRules): Promise<string> =>
      acceptPackages([file], rules, testContext()).then(
        () => "accepted",
        (error: unknown) => (error instanceof ApplianceError ? error.details.join() : ""),
      );
    for (const rules of await allRules()) {
      const isJudged = rules.keyring === keyring;
      assert.match(
        await fate(good, rules),
        rules.keyring === none ? /its key is not among the given keys/ : /^accepted$/,
      );
      // Without keys nobody can tell this one from a good one.
      const expected =
        rules.keyring === undefined
          ? /^accepted$/
          : isJudged
            ? /signature: /
            : /not among the given keys/;
      assert.match(await fate(bad, rules), expected);
    }
  });
});

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { decodeArmor, encodeArmor } from "../../src/sign/armor.ts";
import {
  openSigner,
  parseKeyring,
  signDetached,
  type Signer,
  verifyDetached,
} from "../../src/sign/index.ts";
import { PrivateGpg } from "../support/private-gpg.ts";
import { temporaryFolder } from "../support/temporary.ts";

const MADE = "2025-06-01T00:00:00Z";
const now = new Date("2026-01-02T03:04:05Z");
const data = Buffer.from("<repomd/>\n");

/** Ways in which a text of armor comes to clients, and whether we take it; gpg must take whatever we take. */
const variants: readonly (readonly [string, boolean, (text: string) => string])[] = [
  ["as it was written", true, (text) => text],
  ["with CR LF", true, (text) => text.replaceAll("\n", "\r\n")],
  ["with blanks at the ends of lines", true, (text) => text.replaceAll("\n", " \t\n")],
  ["with headers", true, (text) => text.replace("\n", "\nVersion: 1\nComment: a: b\n")],
  [
    "in one line",
    true,
    (text) => text.replaceAll(/(?<=[A-Za-z0-9+/]{64})\n(?=[A-Za-z0-9+/])/g, ""),
  ],
  ["after empty lines", true, (text) => `\n \n${text}`],
  ["after a byte order mark", false, (text) => `\ufeff${text}`],
  ["after a form feed", false, (text) => `\f${text}`],
  ["after a space that does not break", false, (text) => `\u00a0${text}`],
  ["after blanks", false, (text) => `  ${text}`],
  ["with a header that is none", false, (text) => text.replace("\n", "\nnothing\n")],
  ["without the blank line", false, (text) => text.replace("\n\n", "\n")],
  ["with another checksum", false, (text) => text.replace(/^=.{4}$/m, "=AAAA")],
  ["without an end", false, (text) => text.replace(/-----END.*\n/, "")],
  ["with another end", false, (text) => text.replace(/END PGP SIGNATURE/, "END PGP MESSAGE")],
  ["as a message", false, (text) => text.replaceAll("PGP SIGNATURE", "PGP MESSAGE")],
  ["as a public key", false, (text) => text.replaceAll("SIGNATURE", "PUBLIC KEY BLOCK")],
  ["after other text", false, (text) => `x\n${text}`],
  ["before other text", false, (text) => `${text}x\n`],
  ["twice", false, (text) => text + text],
  ["with a character that is no base64", false, (text) => text.replace("\n\n", "\n\n!")],
  ["cut in the middle", false, (text) => text.slice(0, 200)],
  ["empty", false, () => ""],
];

describe("detached signatures, with the real gpg", () => {
  const folder = temporaryFolder();
  let gpg: PrivateGpg;

  before(async () => {
    gpg = new PrivateGpg(folder, { at: MADE });
    await writeFile(path.join(folder, "data"), data);
  });

  after(async () => {
    await gpg.stop();
  });

  /** Whether gpg takes a text for a good signature of the data. */
  async function gpgTakes(text: string): Promise<boolean> {
    const file = path.join(folder, "data.asc");
    await writeFile(file, text);
    gpg.at = now;
    const { exitCode } = await gpg.verify(file, path.join(folder, "data"));
    gpg.at = MADE;
    return exitCode === 0;
  }

  async function signerOf(secret: string): Promise<Signer> {
    return openSigner({ key: secret, folder, now });
  }

  for (const kind of ["rsa2048", "rsa3072", "rsa4096", "ed25519"]) {
    for (const usage of ["sign", "cert"] as const) {
      const signedBy = usage === "sign" ? "the primary key" : "a subkey";
      it(`gpg reads those of ${kind}, made by ${signedBy}`, async () => {
        const name = `${kind}-${usage}`;
        let files = await gpg.makeKey(name, kind, usage, "never");
        if (usage === "cert") {
          const [primary = ""] = await gpg.fingerprints(name);
          await gpg.quiet("--quick-add-key", primary, kind, "sign", "never");
          files = await gpg.export(name);
        }
        const signer = await signerOf(files.secret);
        const keyring = await parseKeyring(Buffer.from(signer.publicKey), "key");
        // With an expiry the packet is longer, so its base64 ends otherwise.
        for (const expiresAt of [undefined, new Date("2026-02-01T00:00:00Z")]) {
          const armored = await signDetached(data, signer, { createdAt: now, expiresAt });
          assert.ok(await gpgTakes(armored), armored);
          const { status } = await verifyDetached(data, armored, { keyring, now });
          assert.equal(status, "ok");
        }
      });
    }
  }

  it("gpg imports the public key that we write", async () => {
    const signer = await signerOf((await gpg.makeKey("public", "rsa3072", "sign", "never")).secret);
    const other = new PrivateGpg(path.join(folder, "other"), { at: now });
    const file = path.join(folder, "public.asc");
    await writeFile(file, signer.publicKey);
    await other.quiet("--import", file);
    assert.deepEqual(await other.fingerprints("public"), [signer.fingerprint.toUpperCase()]);
    await other.stop();
  });

  it("gpg decodes armor of every length", async () => {
    const file = path.join(folder, "bytes.asc");
    const ends = new Set<string>();
    for (const length of [1, 2, 3, 46, 47, 48, 49, 50, 51, 95, 96, 97, 437, 438, 439]) {
      // The first byte is that of a signature packet: gpg looks at it.
      const bytes = Buffer.alloc(length, length).fill(0x89, 0, 1);
      const armored = encodeArmor("SIGNATURE", bytes);
      ends.add(/(=*)\n=.{4}\n/.exec(armored)?.[1] ?? "none");
      await writeFile(file, armored);
      const out = path.join(folder, "bytes");
      await gpg.quiet("--output", out, "--dearmor", file);
      assert.deepEqual(await readFile(out), bytes, `${length} bytes`);
      assert.deepEqual(decodeArmor("SIGNATURE", armored), bytes);
    }
    assert.deepEqual([...ends].sort(), ["", "=", "=="]);
  });

  describe("in another form", () => {
    for (const [name, kind, expiresAt] of [
      ["no padding", "rsa3072", undefined],
      ["padding", "rsa3072", new Date("2026-02-01T00:00:00Z")],
      ["two padding", "ed25519", undefined],
    ] as const) {
      it(`are taken only when gpg takes them: base64 with ${name}`, async () => {
        const id = name.replace(" ", "-");
        const files = await gpg.makeKey(id, kind, "sign", "never");
        const signer = await signerOf(files.secret);
        const keyring = await parseKeyring(Buffer.from(signer.publicKey), "key");
        const armored = await signDetached(data, signer, { createdAt: now, expiresAt });
        const padding = /(=*)\n=.{4}\n/.exec(armored)?.[1];
        const without = (text: string): string => text.replace(/^=.{4}\n/m, "");
        const all = [
          ...variants,
          ["without a checksum", padding !== "", without] as const,
          [
            "without checksum, with CR LF",
            padding !== "",
            (text: string) => without(text).replaceAll("\n", "\r\n"),
          ] as const,
        ];
        for (const [what, expected, change] of all) {
          const text = change(armored);
          const ours = (await verifyDetached(data, text, { keyring, now })).status === "ok";
          assert.equal(ours, expected, `${what}: ${text}`);
          if (ours) assert.ok(await gpgTakes(text), `gpg refuses it ${what}: ${text}`);
        }
        assert.equal(await gpgTakes(without(armored)), padding !== "", "gpg needs padding");
      });
    }
  });
});

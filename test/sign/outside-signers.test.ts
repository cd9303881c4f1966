import assert from "node:assert/strict";
import { chmod, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { ApplianceError } from "../../src/errors.ts";
import { readRpm } from "../../src/rpm/index.ts";
import {
  generateKey,
  openProgramSigner,
  openSigner,
  plannedSigner,
  type ProgramSignerRequest,
  readKeyring,
  signDetached,
  type Signer,
  signRpm,
  verifyDetached,
  verifyRpm,
} from "../../src/sign/index.ts";
import {
  createdAt as createdPacket,
  openCrafter,
  subpacketBytes,
} from "../fixtures/crafted-signature.ts";
import { KEY_CREATED_AT, testKey } from "../fixtures/signing-key.ts";
import { smallPackage } from "../fixtures/unsigned-package.ts";
import { testContext } from "../support/context.ts";
import { namesIn, temporaryFolder } from "../support/temporary.ts";

const context = testContext();
const { run } = context;

/** The date of the crafted signatures. */
const CRAFTED_AT = new Date(0x68632700 * 1000);

/** A variable by which the processes of a test are found. */
const MARK = "OUTSIDE_SIGNER_TEST";

describe("signers outside of this process", () => {
  const folder = temporaryFolder();
  let scripts = 0;

  /** Writes a program in shell. */
  async function script(body: string, mode = 0o700): Promise<string> {
    const file = path.join(folder, `signer-${(scripts += 1)}`);
    await writeFile(file, `#!/bin/sh\n${body}\n`);
    await chmod(file, mode);
    return file;
  }

  /** Writes a program that answers with the given bytes, whatever it is asked. */
  async function answering(bytes: Uint8Array | string): Promise<string> {
    const program = await script('cat > /dev/null; exec cat "$0.answer"');
    await writeFile(`${program}.answer`, bytes);
    return program;
  }

  async function open(program: string, more: Partial<ProgramSignerRequest> = {}): Promise<Signer> {
    const { keyring } = await testKey();
    const environment = { PATH: "/nowhere", VIRT_APPLIANCE_PASSPHRASE: "correct horse" };
    return openProgramSigner({ program, keyring, environment, ...more }, context);
  }

  /** Processes that have the mark of a test in their environment. */
  async function marked(mark: string): Promise<string[]> {
    const line = `grep -lsz '^${MARK}=${mark}$' /proc/[0-9]*/environ | cut -d/ -f3`;
    for (let tries = 0; ; tries += 1) {
      const { stdout } = await run("sh", ["-c", line]);
      const found = stdout.split("\n").filter((pid) => pid !== "");
      // A process that was killed needs a moment to be gone.
      if (found.length === 0 || tries === 40) return found;
      await setTimeout(50);
    }
  }

  /** Signs a package, which must fail and leave everything as it was. */
  async function refused(
    program: string,
    more: Partial<ProgramSignerRequest> = {},
  ): Promise<ApplianceError> {
    const file = await smallPackage("refused.rpm");
    const [before, names] = [await readFile(file), await namesIn(path.dirname(file))];
    const options = { createdAt: CRAFTED_AT };
    const error: unknown = await signRpm(file, await open(program, more), context, options).then(
      () => assert.fail("the package was signed"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof ApplianceError, String(error));
    assert.deepEqual(await readFile(file), before);
    assert.deepEqual(await namesIn(path.dirname(file)), names);
    return error;
  }

  it("signs with what a program answers, binary or armored, with old and new packet headers", async () => {
    const { keyring } = await testKey();
    const crafter = await openCrafter();
    const file = await smallPackage("good.rpm");
    const { header } = await readRpm(file);
    for (const newHeader of [false, true]) {
      const program = await answering(crafter.version4(header.raw, { newHeader }));
      await signRpm(file, await open(program), context, { createdAt: CRAFTED_AT });
      assert.ok((await verifyRpm(file, { keyring }, context)).ok);
    }
    const { signer } = await testKey();
    const armored = await signDetached(header.raw, signer, { createdAt: CRAFTED_AT });
    await signRpm(file, await open(await answering(armored)), context, { createdAt: CRAFTED_AT });
    assert.ok((await verifyRpm(file, { keyring }, context)).ok);
  });

  it("tells the program the key and the dates, gives it no argument and none of our secrets", async () => {
    const program = await script(
      '(echo "$#"; env; echo "$0") > "$0.said"; cat > "$0.read"; exec cat "$0.answer"',
    );
    const { signer: own, keyring } = await testKey();
    const dates = { createdAt: CRAFTED_AT, expiresAt: new Date(CRAFTED_AT.getTime() + 86_400_000) };
    const bytes = Buffer.alloc(200_000, "repomd");
    await writeFile(`${program}.answer`, await own.sign(bytes, dates));
    const environment = { VAULT_ADDR: "https://vault", VIRT_APPLIANCE_PASSPHRASE: "correct horse" };
    const signer = await open(program, { environment });
    const armored = await signDetached(bytes, signer, dates);
    const options = { keyring, now: CRAFTED_AT };
    assert.equal((await verifyDetached(bytes, armored, options)).status, "ok");
    const said = (await readFile(`${program}.said`, "utf8")).split("\n");
    assert.equal(said[0], "0");
    for (const line of [
      `VIRT_APPLIANCE_SIGNER_FINGERPRINT=${own.fingerprint.toUpperCase()}`,
      `VIRT_APPLIANCE_SIGNER_CREATED=${CRAFTED_AT.getTime() / 1000}`,
      `VIRT_APPLIANCE_SIGNER_EXPIRES=${CRAFTED_AT.getTime() / 1000 + 86_400}`,
      "VAULT_ADDR=https://vault",
    ]) {
      assert.ok(said.includes(line), line);
    }
    assert.ok(!said.some((line) => line.includes("correct horse")));
    assert.deepEqual(await readFile(`${program}.read`), bytes);
  });

  it("accepts the answer of a program that reads nothing", async () => {
    const { signer: own } = await testKey();
    const program = await script('exec cat "$0.answer"');
    const bytes = Buffer.alloc(1_000_000);
    await writeFile(`${program}.answer`, await own.sign(bytes, { createdAt: CRAFTED_AT }));
    await (await open(program)).sign(bytes, { createdAt: CRAFTED_AT });
  });

  it("refuses a program that is missing or cannot be run, before anything is built", async () => {
    const missing = { code: "LIB_EXEC_MISSING", message: /no such program/ };
    await assert.rejects(open(path.join(folder, "none")), missing);
    await assert.rejects(open("/bin/cat --version"), missing);
    await assert.rejects(open(folder), { code: "LIB_EXEC_MISSING", message: /not a program/ });
    const plain = await script("true", 0o600);
    // Root may run nothing without an executable bit either.
    await assert.rejects(open(plain), { code: "LIB_EXEC_MISSING", message: /not executable/ });
  });

  it("names the interpreter's absence as a program that cannot be run", async () => {
    const program = path.join(folder, "no-interpreter");
    await writeFile(program, "#!/nowhere/interpreter\n", { mode: 0o700 });
    await assert.rejects((await open(program)).sign(Buffer.from("x"), { createdAt: CRAFTED_AT }), {
      code: "LIB_EXEC_MISSING",
    });
  });

  it("refuses several public keys, and keys of other types", async () => {
    const { keyring } = await testKey();
    const program = await answering("");
    const two = { keys: [...keyring.keys, ...keyring.keys] };
    await assert.rejects(open(program, { keyring: two }), { code: "SIGN_KEY_BAD" });
    await assert.rejects(open(program, { part: "0123456789abcdef" }), {
      code: "SIGN_KEY_UNUSABLE",
      message: /has no subkey 0123456789abcdef/,
    });
  });

  for (const [what, body] of [
    ["hangs", "exec sleep 300"],
    ["hangs in a child", "sleep 300; true"],
    ["ignores its end", "trap '' TERM; sleep 300; sleep 300"],
    ["writes and then hangs", 'echo "$0"; exec sleep 300'],
  ] as const) {
    it(`ends a program that ${what}, with its children`, async function () {
      this.timeout(20_000);
      const environment = { [MARK]: what.replaceAll(" ", "-") };
      const error = await refused(await script(body), { environment, timeoutMs: 500 });
      assert.equal(error.code, "SIGN_SIGNER_FAILED");
      assert.match(error.message, /signer-\d+: did not end within 0\.5 seconds$/);
      assert.deepEqual(await marked(environment[MARK] ?? ""), []);
    });
  }

  it("does not wait for a child that a program leaves behind", async () => {
    const environment = { [MARK]: "left-behind" };
    const program = await script("sleep 300 & exit 0");
    const error = await refused(program, { environment, timeoutMs: 10_000 });
    assert.match(error.message, /answered nothing/);
    assert.deepEqual(await marked("left-behind"), []);
  });

  it("stops a program when the operation is interrupted", async () => {
    const controller = new AbortController();
    const own = testContext({ signal: controller.signal });
    const { keyring } = await testKey();
    const environment = { [MARK]: "interrupted" };
    const program = await script("sleep 300; true");
    const signer = await openProgramSigner({ program, keyring, environment }, own);
    const signing = signer.sign(Buffer.from("x"), { createdAt: CRAFTED_AT });
    const rejected = assert.rejects(signing, { code: "LIB_INTERRUPTED" });
    await setTimeout(200);
    controller.abort();
    await rejected;
    assert.deepEqual(await marked("interrupted"), []);
  });

  it("reports the end of the standard error of a program that fails, capped", async () => {
    const noise = `printf '%01000d\\n' 1 >&2; echo "token \\033[31mrefused" >&2; exit 3`;
    const error = await refused(await script(noise));
    assert.equal(error.code, "SIGN_SIGNER_FAILED");
    assert.match(error.message, /ended with status 3, expected 0$/);
    assert.deepEqual(error.details, ["0".repeat(300), "token \\x1b[31mrefused"]);
    const flood = await refused(await script("exec yes >&2"));
    assert.equal(flood.code, "SIGN_SIGNER_FAILED");
  });

  it("ends a program that answers too much", async () => {
    for (const body of ["exec yes", "head -c 100000 /dev/zero; exec sleep 300"]) {
      const error = await refused(await script(body), { timeoutMs: 20_000 });
      assert.equal(error.code, "SIGN_SIGNER_BAD_ANSWER");
      assert.match(error.message, /answered more than 64\.0 KiB, expected a signature$/);
    }
  });

  it("refuses every answer that is not the signature that it asked for", async () => {
    const { signer: own } = await testKey();
    const crafter = await openCrafter();
    const { header } = await readRpm(await smallPackage());
    const raw = header.raw;
    const good = crafter.version4(raw);
    const made = await generateKey({
      name: "other",
      userId: "Other <other@example.com>",
      folder,
      createdAt: KEY_CREATED_AT,
    });
    const other = await openSigner({ key: made.name, folder, now: context.now() });
    const signed = async (date: string, expires?: string): Promise<Uint8Array> =>
      own.sign(raw, {
        createdAt: new Date(date),
        expiresAt: expires === undefined ? undefined : new Date(expires),
      });
    const damaged = Buffer.from(good);
    damaged.writeUInt8((damaged.at(-1) ?? 0) ^ 1, damaged.length - 1);
    const critical = Buffer.concat([
      createdPacket,
      subpacketBytes(0x80 | 33, Buffer.from(`04${own.fingerprint}`, "hex")),
    ]);
    const answers: readonly (readonly [Uint8Array | string, RegExp])[] = [
      ["", /answered nothing/],
      ["signed!\n", /it is not armored/],
      [`${await signDetached(raw, own, { createdAt: CRAFTED_AT })}and more\n`, /does not end with/],
      ["-----BEGIN PGP SIGNATURE-----\n\n!!\n-----END PGP SIGNATURE-----\n", /contains no base64/],
      [Buffer.alloc(300, 0xff), /is not a signature packet/],
      [good.subarray(0, -3), /declares \d+ bytes, but \d+ follow/],
      [Buffer.concat([good, good]), /declares \d+ bytes, but \d+ follow/],
      [Buffer.concat([good, Buffer.from("\n")]), /declares \d+ bytes, but \d+ follow/],
      [crafter.version3(raw), /has version 3, expected 4/],
      [crafter.version4(raw, { version: 6 }), /has version 6, expected 4/],
      [crafter.version4(raw, { type: 1 }), /has type 1, expected 0/],
      [crafter.version4(raw, { hash: "sha1" }), /over SHA-1, which can be forged/],
      [crafter.version4(raw, { hash: "md5" }), /over MD5, which can be forged/],
      [crafter.version4(raw, { hash: "sha224", hashNumber: 11 }), /over SHA-224, expected/],
      [crafter.version4(raw, { hashed: Buffer.alloc(0) }), /has no creation time/],
      [crafter.version4(raw, { unhashed: Buffer.alloc(0) }), /does not name its key/],
      [crafter.version4(raw, { hashed: critical }), /critical subpacket 33, which rpm does not/],
      [crafter.version4(raw, { more: Buffer.from([0, 1, 1]) }), /does not verify/],
      [crafter.version4(raw, { algorithm: 3 }), /does not verify/],
      [crafter.version4(Buffer.from("other bytes")), /does not verify with the public key/],
      [damaged, /does not verify with the public key/],
      [
        await other.sign(raw, { createdAt: CRAFTED_AT }),
        new RegExp(`signed with key ${other.keyId}, expected ${own.keyId}$`),
      ],
      [await signed("2025-07-01T01:00:00Z"), /signed with the date 2025-07-01T01:00:00/],
      [await signed("2026-01-02T03:04:05Z"), /signed with the date 2026-01-02T03:04:05/],
      [
        await signed(CRAFTED_AT.toISOString(), "2025-08-01T00:00:00Z"),
        /its signature expires at 2025-08-01T00:00:00.000Z, expected never/,
      ],
    ];
    for (const [bytes, message] of answers) {
      const error = await refused(await answering(bytes));
      assert.equal(error.code, "SIGN_SIGNER_BAD_ANSWER", error.message);
      assert.match(error.message, message);
    }
  });

  it("refuses an answer in which any one bit is wrong", async () => {
    const { signer: own } = await testKey();
    const bytes = Buffer.from("repomd");
    const dates = { createdAt: CRAFTED_AT };
    const good = await own.sign(bytes, dates);
    const program = await answering(good);
    const signer = await open(program);
    await signer.sign(bytes, dates);
    const accepted: number[] = [];
    for (let bit = 0; bit < good.length * 8; bit += bit < 80 * 8 ? 1 : 97) {
      const bad = Buffer.from(good);
      bad.writeUInt8((bad[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
      await writeFile(`${program}.answer`, bad);
      await signer.sign(bytes, dates).then(
        () => accepted.push(bit),
        (error: unknown) => {
          assert.ok(error instanceof ApplianceError, String(error));
          assert.equal(error.code, "SIGN_SIGNER_BAD_ANSWER");
        },
      );
    }
    assert.deepEqual(accepted, []);
  });

  it("plans with the size that the signatures of gpg and of this process have", async () => {
    const { signer } = await testKey();
    const planned = await plannedSigner(signer);
    const dates = { createdAt: CRAFTED_AT };
    const [zeros, real] = [
      await planned.sign(Buffer.from("x"), dates),
      await signer.sign(Buffer.from("x"), dates),
    ];
    // The number at the end has no leading zeros.
    assert.ok([0, 1, 2].includes(zeros.length - real.length), `${zeros.length}, ${real.length}`);
  });

  it("reads the public key from a folder with others of the same program", async () => {
    const { folder: keys, signer: own } = await testKey();
    const keyring = await readKeyring({ folders: [keys] });
    const part = own.fingerprint.slice(-16);
    const signer = await open(await answering(""), { keyring, part });
    assert.equal(signer.fingerprint, own.fingerprint);
  });
});

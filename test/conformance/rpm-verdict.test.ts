import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { openTemporaryFolder } from "../../src/lib/atomic.ts";
import {
  type Check,
  type Keyring,
  openSigner,
  readKeyring,
  signRpm,
  verifyRpm,
} from "../../src/sign/index.ts";
import { testContext } from "../support/context.ts";
import { PrivateRpm } from "../support/private-gpg.ts";
import { acceptedByRpm } from "../support/rpm-oracle.ts";
import { rpmbuild } from "../fixtures/rpmbuild-package.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { exceptions } from "./rpm-verdict-exceptions.ts";
import { mutate } from "./rpm-mutations.ts";
import { openShapes, SHAPE_BODY } from "./open-shapes.ts";
import type { Shapes } from "./rpm-shapes.ts";
import { temporaryFolder } from "../support/temporary.ts";

// gpg makes keys and signatures at the real time.
const context = testContext({ now: () => new Date() });
const MUTATIONS = 2000;
const LANES = 4;

interface Verdict {
  readonly ok: boolean;
  readonly faults: readonly Check[];
}

describe("the verdict on packages, beside the real rpm's", () => {
  const folder = temporaryFolder();
  let database: string;
  let keyring: Keyring;
  let shapes: Shapes;

  async function ours(file: string): Promise<Verdict> {
    const options = { keyring, allowUnsigned: true, payload: "stored" } as const;
    const { ok, checks } = await verifyRpm(file, options, context);
    const faults = checks.filter(
      ({ status, what }) =>
        !["ok", "deviates", "unchecked"].includes(status) &&
        !(status === "missing" && what === "header signature"),
    );
    return { ok, faults };
  }

  /** Writes the packages, asks both, and returns where they differ without a reason. */
  async function differences(
    packages: readonly (readonly [name: string, bytes: Buffer])[],
  ): Promise<{ wrong: string[]; accepted: number; excepted: Set<string> }> {
    await using own = await openTemporaryFolder(folder);
    const files = packages.map((_, i) => path.join(own.path, `p${String(i).padStart(5, "0")}.rpm`));
    for (const [i, file] of files.entries())
      await writeFile(file, packages[i]?.[1] ?? Buffer.alloc(0));
    const accepted = await acceptedByRpm(database, files);
    const wrong: string[] = [];
    const excepted = new Set<string>();
    const compare = async (file: string, name: string): Promise<void> => {
      const { ok, faults } = await ours(file);
      if (ok === accepted.has(file)) return;
      const reason = exceptions.find(({ matches }) => faults.some(matches))?.reason;
      if (!ok && reason !== undefined) {
        excepted.add(reason);
        return;
      }
      const why = faults
        .map(({ what, status, detail }) => `${what} ${status}: ${detail}`)
        .join("; ");
      wrong.push(`${name}: ${ok ? "accepted, rpm refuses it" : `refused, rpm accepts it: ${why}`}`);
    };
    const lane = async (number: number): Promise<void> => {
      for (let i = number; i < files.length; i += LANES) {
        await compare(files[i] ?? "", packages[i]?.[0] ?? "");
      }
    };
    await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
    return { wrong, accepted: accepted.size, excepted };
  }

  before(async () => {
    database = path.join(folder, "rpmdb");
    const rpm = new PrivateRpm(folder);
    const opened = await openShapes(folder);
    ({ shapes } = opened);
    for (const file of opened.keyFiles) await rpm.import(file);
    keyring = await readKeyring({ files: opened.keyFiles });
  });

  it("is rpm's for every shape that builders gave packages", async () => {
    const { wrong, accepted, excepted } = await differences([...shapes]);
    assert.deepEqual(wrong, []);
    assert.ok(
      accepted > shapes.size / 3 && accepted < shapes.size,
      `rpm accepts ${accepted} of ${shapes.size}`,
    );
    assert.ok(excepted.size > 3);
  });

  it("is rpm's for packages of every compression, of sources and with scriptlets", async () => {
    const packages: [string, Buffer][] = [];
    for (const flags of ["w9.gzdio", "w2.xzdio", "w3.zstdio", "w9.bzdio", "w7.lzdio", "w.ufdio"]) {
      const tags = `%define _binary_payload ${flags}\n%define _source_payload ${flags}\nEpoch: 3\nRequires(post): /bin/sh`;
      const body = `${SHAPE_BODY}%post\ntrue\n%pretrans -p <lua>\nx = 1\n`;
      for (const file of await rpmbuild(path.join(folder, flags), "real", { tags, body })) {
        const bytes = await readFile(file);
        packages.push(
          [`${flags} ${path.basename(file)}`, bytes],
          [`${flags} cut`, bytes.subarray(0, -4)],
        );
      }
    }
    const { wrong, accepted } = await differences(packages);
    assert.deepEqual(wrong, []);
    assert.equal(accepted, packages.length / 2);
  });

  it(`is rpm's for ${MUTATIONS} packages that were changed at random`, async () => {
    const bases = [
      "as rpmbuild wrote it",
      "RSA signature",
      "version 3 signatures",
      "MD5 alone, of rpm before 4.14",
      "MD5 alone, signed as a whole",
      "DSA signatures",
      "unknown signatures of rpm 6",
      "file signatures of IMA",
    ].map((name) => shapes.get(name) ?? assert.fail(name));
    const packages = Array.from({ length: MUTATIONS }, (_, seed) => {
      const base = bases[seed % bases.length] ?? Buffer.alloc(0);
      const { what, bytes } = mutate(base, seed);
      return [`mutation ${seed}: ${what}`, bytes] as const;
    });
    const { wrong, accepted } = await differences(packages);
    assert.deepEqual(wrong, []);
    assert.ok(accepted > 100 && accepted < MUTATIONS / 2, `rpm accepts ${accepted}`);
  });

  for (const [payload, damaged] of [
    ["read", []],
    // The signature covers this digest, so rpm finds the damage.
    ["unread", ["payload digest wrong, the other one too"]],
  ] as const)
    it(`sign refuses a package that rpm would refuse once signed, and leaves it unchanged: payload ${payload}`, async () => {
      await using own = await openTemporaryFolder(folder);
      const { generated } = await testKey();
      const signer = await openSigner({
        key: "test",
        folder: path.dirname(generated.publicPath),
        now: context.now(),
      });
      const signed: [string, string][] = [];
      const wrong: string[] = [];
      let refused = 0;
      for (const [i, [name, bytes]] of [...shapes].entries()) {
        const file = path.join(own.path, `s${i}x.rpm`);
        await writeFile(file, bytes);
        try {
          await signRpm(file, signer, context, { payload });
          signed.push([name, file]);
        } catch (error) {
          refused += 1;
          if (!(error instanceof Error) || !("code" in error)) throw error;
          if (!(await readFile(file)).equals(bytes)) wrong.push(`${name}: refused, but changed`);
        }
      }
      const accepted = await acceptedByRpm(
        database,
        signed.map(([, file]) => file),
      );
      const known: readonly string[] = damaged;
      for (const [name, file] of signed) {
        if (known.includes(name)) continue;
        if (!accepted.has(file)) wrong.push(`${name}: signed, and then refused by rpm`);
        else if (!(await ours(file)).ok) wrong.push(`${name}: signed, and then refused by us`);
      }
      assert.deepEqual(wrong, []);
      assert.ok(signed.length > 50 && refused > 10, `${signed.length} signed, ${refused} refused`);
    });

  /** Public keys in a folder that both sides read; they have the public half of no other key. */
  async function importKeys(files: readonly string[]): Promise<void> {
    const rpm = new PrivateRpm(folder);
    const keys = [...keyring.keys];
    for (const file of files) {
      try {
        const read = await readKeyring({ files: [file] });
        // Of several keys rpm may import some and then fail.
        if (read.keys.length > 1) continue;
        await rpm.import(file);
        keys.push(...read.keys);
      } catch {
        // Test data has broken keys as well.
      }
    }
    keyring = { keys };
  }

  const foreign = process.env["VIRT_APPLIANCE_FOREIGN_RPMS"];
  if (foreign !== undefined)
    it("is rpm's for packages of others, when a folder of them is named", async () => {
      const names = await readdir(foreign, { recursive: true });
      const files = names.map((name) => path.join(foreign, name));
      await importKeys(files.filter((file) => /GPG-KEY|\.(asc|pub)$/.test(file)));
      const packages = await Promise.all(
        files
          .filter((file) => file.endsWith(".rpm"))
          .map(async (file) => [file, await readFile(file)] as const),
      );
      const { wrong } = await differences(packages);
      assert.deepEqual(wrong, []);
    });
});

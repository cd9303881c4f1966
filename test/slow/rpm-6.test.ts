import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import * as fc from "fast-check";
import type { PackagePlan } from "../../src/package/index.ts";
import { keysOf } from "../../src/lib/keys-of.ts";
import { initRepository } from "../../src/repository/index.ts";
import { readRpm, type RpmFormat, rpmFormats, type RpmPackage } from "../../src/rpm/index.ts";
import { serveRepository } from "../../src/serve/index.ts";
import {
  generateKey,
  judgeForTargets,
  openSigner,
  readKeyring,
  removeSignatures,
  signRpm,
  verifyRpm,
} from "../../src/sign/index.ts";
import { anyPlan } from "../conformance/any-plan.ts";
import {
  compareTags,
  type Exemptions,
  permitted,
  withoutDirectorySizes,
} from "../conformance/compare-tags.ts";
import { openShapes } from "../conformance/open-shapes.ts";
import { realPlans, realStaged } from "../conformance/rpm-real-plans.ts";
import { buildInto, directory, packagePlan, textFile } from "../fixtures/package-plan.ts";
import { KEY_CREATED_AT, testKey } from "../fixtures/signing-key.ts";
import { testContext } from "../support/context.ts";
import { installRpm6, type Rpm6System } from "../support/rpm-6-system.ts";
import { newFolderIn, temporaryFolder } from "../support/temporary.ts";

/** Folder of the tests in the system with rpm 6. */
const INSIDE = "/srv/packages";

/** What rpm 6 does in another way than rpm 4, in either format. */
const newer: Exemptions = {
  "main FILEMIMEINDEX": { how: "absent", why: "index into MIMEDICT" },
  "main MIMEDICT": { how: "absent", why: "guesses of libmagic, which differ with its version" },
  "signature SHA3_256": { how: "other", why: "covers the header, which differs by some tags" },
  "signature RESERVED": {
    how: "other",
    count: "other",
    why: "takes the place of the tags left out",
  },
};

const byOwner =
  "rpm 4.19 and later require user(NAME) and group(NAME) of owners, which no package of EL 9 has";
const owners: Exemptions = {
  "main REQUIRENAME": { how: "other", count: "other", why: byOwner },
  "main REQUIREFLAGS": { how: "other", count: "other", why: byOwner },
  "main REQUIREVERSION": { how: "other", count: "other", why: byOwner },
};

/** All requirements but those of owners. */
function requirements({ header }: RpmPackage): readonly string[] {
  const [flags, versions] = [header.integers("REQUIREFLAGS"), header.strings("REQUIREVERSION")];
  return header
    .strings("REQUIRENAME")
    .map((name, i) => `${name} ${flags[i]} ${versions[i]}`)
    .filter((one) => !/^(user|group)\(/.test(one));
}

/** Shapes of packages on which rpm 6 of Debian and `verify --for rpm6` disagree, and why. */
const otherVerdicts: Readonly<Record<string, string>> = {
  "DSA signatures": "accepted by rpm; crypto policies of RHEL and Fedora leave DSA out",
  "signature with a critical expiry": "accepted by rpm 6; refused by rpm 4, which verify follows",
  "signature with two times": "accepted by rpm 6; refused by rpm 4",
  "signature with two numbers": "accepted by rpm 6; refused by rpm 4",
  "signature with a number in a longer form": "refused by rpm 6; no program is known to write it",
  "unknown signatures of rpm 6": "refused by rpm; a later rpm with their keys accepts them",
};

/** rpmbuild leaves set-user-ID bits out of the archive if its system does not know the owner; the header has them. */
function safeModes({ entries }: PackagePlan): Exemptions {
  const why = "set-user-ID bits in the archive; those in the header are compared, and count";
  const isOther = entries.some(
    ({ mode, user, group }) => (mode & 0o6000) !== 0 && (user !== "root" || group !== "root"),
  );
  if (!isOther) return {};
  return {
    "main PAYLOADSHA256": { how: "other", why },
    "main PAYLOADSHA256ALT": { how: "other", why },
  };
}

/** Format 6 stores more digests of the payload; the same reasons hold for each. */
function newerDigests(plan: PackagePlan): Exemptions {
  if (plan.payload.compressor === "none") return {};
  const why = "another compressor; the archive's digests are compared";
  return {
    "main PAYLOADSHA512": { how: "other", why },
    "main PAYLOADSHA3_256": { how: "other", why },
    "main PAYLOADSIZE": { how: "other", why },
  };
}

describe("rpm 6 and dnf5, of Debian", () => {
  const folder = temporaryFolder();
  let system: Rpm6System;
  before(async () => {
    system = await installRpm6(folder);
    await mkdir(path.join(system.root, INSIDE));
    await copyFile(
      (await testKey()).generated.publicPath,
      path.join(system.root, INSIDE, "key.asc"),
    );
  });

  /** Copies a package to the system and returns its path there. */
  async function bring(file: string): Promise<string> {
    const name = path.basename(file);
    await copyFile(file, path.join(system.root, INSIDE, name));
    return `${INSIDE}/${name}`;
  }

  /** Builds a plan with rpm 6, from our source package, and returns the path of the package. */
  async function rebuild(
    plan: PackagePlan,
    format: RpmFormat,
    staged: Readonly<Record<string, string | Buffer>>,
  ): Promise<string> {
    const root = await newFolderIn(folder);
    const engine = { engine: "rpmbuild", isSource: true, format } as const;
    const source = await bring((await buildInto(root, plan, { staged, engine })).path);
    const defines = [
      `_topdir ${INSIDE}/top`,
      `_rpmdir ${INSIDE}/built`,
      "_build_name_fmt package.rpm",
    ];
    const options = defines.flatMap((one) => ["--define", one]);
    await system.run("rpmbuild", ["--rebuild", ...options, "--target", plan.arch, source]);
    return path.join(system.root, INSIDE, "built/package.rpm");
  }

  async function compare(
    plan: PackagePlan,
    format: RpmFormat,
    staged: Readonly<Record<string, string | Buffer>> = {},
    extra: Exemptions = {},
  ): Promise<void> {
    const theirs = await readRpm(await rebuild(plan, format, staged));
    const engine = { format };
    const { path: file } = await buildInto(await newFolderIn(folder), plan, { staged, engine });
    const ours = await readRpm(file);
    assert.deepEqual(withoutDirectorySizes(ours), withoutDirectorySizes(theirs));
    assert.deepEqual(requirements(ours), requirements(theirs));
    compareTags(ours, theirs, {
      ...permitted(plan.payload, format),
      ...newer,
      ...owners,
      ...(format === 6 ? newerDigests(plan) : safeModes(plan)),
      ...extra,
    });
    assert.equal(ours.lead.major, theirs.lead.major);
  }

  for (const format of rpmFormats) {
    it(`rpmbuild 6 writes the same tags in format ${format}`, async () => {
      await fc.assert(
        fc.asyncProperty(anyPlan, (plan) => compare(plan, format)),
        { numRuns: Number(process.env["FUZZ"] ?? 15), seed: 20_260_103 },
      );
      const why = "templates come last in our archive";
      const names = ["PAYLOADSHA256", "PAYLOADSHA512", "PAYLOADSHA3_256"];
      const tags = names.flatMap((name) => [`main ${name}`, `main ${name}ALT`]);
      const order = Object.fromEntries(tags.map((tag) => [tag, { how: "other", why } as const]));
      for (const plan of await realPlans()) await compare(plan, format, realStaged, order);
    });
  }

  it("rpm accepts what is signed by a known key, in either format, and nothing else", async () => {
    const { signer } = await testKey();
    const context = testContext();
    // rpm's own default; Debian sets a weaker one.
    const enforcing = ["--define", "_pkgverify_level all"];
    await system.run("rpmkeys", ["--import", `${INSIDE}/key.asc`]);
    const stranger = await newFolderIn(folder);
    await generateKey({
      name: "x",
      userId: "X <x@example.com>",
      folder: stranger,
      createdAt: KEY_CREATED_AT,
    });
    const unknown = await openSigner({ key: "x", folder: stranger, now: context.now() });
    for (const format of rpmFormats) {
      const root = await newFolderIn(folder);
      const { path: file } = await buildInto(root, versionOf("1.0"), { engine: { format } });
      const check = async (): Promise<string> =>
        system.said("rpmkeys", [...enforcing, "-K", await bring(file)]);
      const unsigned = await check();
      await signRpm(file, signer, context);
      const signed = await check();
      const tags = (await readRpm(file)).signature.entries.map(({ tag }) => tag);
      // Format 6 has the signature in the tag OPENPGP, 278, and for rpm 4 in the tag RSA, 268.
      assert.deepEqual([tags.includes(278), tags.includes(268)], [format === 6, true]);
      await signRpm(file, unknown, context);
      const foreign = await check();
      assert.match(unsigned, /exit code/);
      assert.match(signed, /: digests signatures OK$/m);
      assert.match(foreign, /NOT OK[^]*exit code/);
    }
  });

  it("rpm needs the key of each of several signatures, in either format", async () => {
    const { signer, generated } = await testKey();
    const context = testContext();
    const own = await newFolderIn(folder);
    const made = await generateKey({
      name: "second",
      userId: "Second <second@example.com>",
      folder: own,
      createdAt: KEY_CREATED_AT,
    });
    const second = await openSigner({ key: "second", folder: own, now: context.now() });
    const keys = [await bring(generated.publicPath), await bring(made.publicPath)] as const;
    const databases = { first: [keys[0]], second: [keys[1]], both: keys, none: [] } as const;
    for (const [name, imported] of Object.entries(databases)) {
      const options = ["--dbpath", `${INSIDE}/several-${name}`];
      await system.run("rpmdb", [...options, "--initdb"]);
      for (const key of imported) await system.run("rpmkeys", [...options, "--import", key]);
    }
    /** Returns the databases with which rpm accepts a package. */
    const accepting = async (file: string): Promise<readonly string[]> => {
      const found: string[] = [];
      const inside = await bring(file);
      for (const name of keysOf(databases)) {
        const enforcing = ["--define", "_pkgverify_level all"];
        const options = ["--dbpath", `${INSIDE}/several-${name}`, ...enforcing];
        const said = await system.said("rpmkeys", [...options, "-K", inside]);
        if (/: digests signatures OK$/m.test(said)) found.push(name);
      }
      return found;
    };
    for (const format of rpmFormats) {
      const root = await newFolderIn(folder);
      const { path: file } = await buildInto(root, versionOf("1.0"), { engine: { format } });
      await signRpm(file, signer, context);
      assert.deepEqual(await accepting(file), ["first", "both"], "one signature");
      await signRpm(file, second, context, { others: "kept" });
      assert.deepEqual(await accepting(file), ["both"], "a second one");
      await removeSignatures(file, [signer.keyId], context);
      assert.deepEqual(await accepting(file), ["second", "both"], "the second one alone");
      await removeSignatures(file, "all", context);
      assert.deepEqual(await accepting(file), [], "none");
      await signRpm(file, [second, signer], context);
      assert.deepEqual(await accepting(file), ["both"], "both at once");
    }
  });

  it("rpm accepts what verify --for rpm6 calls good, of every shape that packages have", async () => {
    const own = await newFolderIn(folder);
    const context = testContext({ now: () => new Date() });
    const { shapes, keyFiles } = await openShapes(own);
    const keyring = await readKeyring({ files: keyFiles });
    const options = ["--dbpath", `${INSIDE}/shapes`, "--define", "_pkgverify_level all"];
    for (const file of keyFiles) {
      const key = await bring(file);
      await system.run("rpmkeys", [...options, "--import", key]);
    }
    const differing: string[] = [];
    for (const [name, bytes] of shapes) {
      const file = path.join(system.root, INSIDE, "shape.rpm");
      await writeFile(file, bytes);
      const theirs = await system.said("rpmkeys", [...options, "-K", `${INSIDE}/shape.rpm`]);
      const { ok, checks } = await verifyRpm(file, { keyring, payload: "stored" }, context);
      const isRead = checks.every(({ what }) => what !== "format");
      const verdicts = isRead
        ? await judgeForTargets(file, ["rpm6"], { keyring, now: context.now() })
        : [];
      const isGood = ok && verdicts.every((verdict) => verdict.ok);
      if (isGood === / NOT OK|exit code/.test(theirs)) differing.push(name);
    }
    assert.deepEqual(differing.sort(), Object.keys(otherVerdicts).sort());
  });

  it("dnf5 installs, upgrades, downgrades and removes both formats with all its checks", async () => {
    const { signer } = await testKey();
    const context = testContext();
    const built = await newFolderIn(folder);
    const packages: string[] = [];
    for (const [i, version] of ["1.0", "2.0"].entries()) {
      const format = rpmFormats[i] ?? 4;
      const { path: file } = await buildInto(built, versionOf(version), { engine: { format } });
      await signRpm(file, signer, context);
      packages.push(file);
    }
    const repository = path.join(built, "repository");
    const baseUrl = "http://repository.example.com";
    await initRepository(repository, { name: "demo", baseUrl, signer, packages }, context);
    await using server = await serveRepository(repository, {
      host: "127.0.0.1",
      port: 0,
      baseUrl,
      onRequest: () => {},
    });
    const repoFile = await (await fetch(`${server.url}/demo.repo`)).text();
    assert.match(repoFile, /^gpgcheck=1\nrepo_gpgcheck=1$/m);
    await mkdir(path.join(system.root, "etc/yum.repos.d"), { recursive: true });
    await writeFile(path.join(system.root, "etc/yum.repos.d/demo.repo"), repoFile);
    const installed = path.join(system.root, "opt/example/version");
    const dnf = async (...args: readonly string[]): Promise<string> => {
      await system.run("dnf5", ["--assumeyes", "--disable-plugin=*", ...args]);
      return readFile(installed, "utf8").catch(() => "gone");
    };
    assert.equal(await dnf("install", "example-appliance-1.0"), "1.0\n");
    assert.equal(await dnf("upgrade", "example-appliance"), "2.0\n");
    assert.equal(await dnf("downgrade", "example-appliance"), "1.0\n");
    assert.equal(await dnf("install", "example-appliance-2.0"), "2.0\n");
    assert.equal(await dnf("reinstall", "example-appliance"), "2.0\n");
    assert.equal(await system.said("rpm", ["-V", "example-appliance"]), "");
    assert.equal(await dnf("remove", "example-appliance"), "gone");
  });
});

function versionOf(version: string): PackagePlan {
  return packagePlan({
    version,
    entries: [directory("/opt/example"), textFile("/opt/example/version", `${version}\n`)],
  });
}

import assert from "node:assert/strict";
import { appendFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError, type ErrorCode } from "../../src/errors.ts";
import { takeLock } from "../../src/lib/lock.ts";
import {
  checkRepository,
  initRepository,
  listRepository,
  type NewRepository,
  releaseRepo,
} from "../../src/repository/index.ts";
import { directoryEffects, type DirectoryEffects } from "../../src/publish/directory-effects.ts";
import { openDirectoryStore } from "../../src/publish/index.ts";
import { parsePointer } from "../../src/publish/layout.ts";
import { type Signer, signRpm } from "../../src/sign/index.ts";
import { testContext } from "../support/context.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { openSmallRpms, type SmallRpms } from "../fixtures/small-rpm.ts";

const refuses =
  (code: ErrorCode, ...about: RegExp[]) =>
  (error: unknown) => {
    assert.ok(error instanceof ApplianceError, String(error));
    const text = [error.message, ...error.details].join("\n");
    assert.equal(error.code, code, text);
    for (const one of about) assert.match(text, one);
    return true;
  };

describe("a repository", () => {
  const context = testContext();
  let rpms: SmallRpms;
  let signer: Signer;
  let first: string;
  let second: string;
  let count = 0;

  before(async () => {
    rpms = await openSmallRpms();
    ({ signer } = await testKey());
    first = await rpms.make("first");
    second = await rpms.make("second");
  });
  after(() => rpms[Symbol.asyncDispose]());

  function settings(more: Partial<NewRepository> = {}): NewRepository {
    return { name: "demo", baseUrl: "https://example.com/demo/", signer, ...more };
  }
  async function make(more: Partial<NewRepository> = {}): Promise<string> {
    count += 1;
    const folder = path.join(rpms.folder, `repository-${count}`);
    await initRepository(folder, settings(more), context);
    return folder;
  }
  async function names(folder: string): Promise<string[]> {
    return (await listRepository(folder)).packages.map((one) => one.location);
  }
  async function currentFolder(folder: string): Promise<string> {
    const pointer = parsePointer(await readFile(path.join(folder, "mirrorlist"), "utf8"));
    return path.join(folder, "generations", pointer ?? "");
  }

  it("is complete when it is made, and when packages come and go", async () => {
    const folder = await make();
    assert.deepEqual((await checkRepository(folder, context)).problems, []);
    const added = await releaseRepo(folder, { add: [first, second] }, { signer }, context);
    assert.deepEqual(added.added, ["first-1-1.noarch.rpm", "second-1-1.noarch.rpm"]);
    assert.deepEqual((await checkRepository(folder, context)).problems, []);
    const removed = await releaseRepo(folder, { remove: ["first-1-1"] }, { signer }, context);
    assert.deepEqual(removed.removed, ["first-1-1.noarch.rpm"]);
    assert.deepEqual((await checkRepository(folder, context)).problems, []);
    assert.deepEqual(await names(folder), ["packages/second-1-1.noarch.rpm"]);
  });

  it("changes nothing when it has a package already, byte for byte", async () => {
    const folder = await make({ packages: [first] });
    const again = await releaseRepo(folder, { add: [first, first] }, { signer }, context);
    assert.equal(again.plan.changed, false);
    assert.deepEqual(again.unchanged, ["first-1-1.noarch.rpm"]);
  });

  it("does not read the packages that it has", async () => {
    const folder = await make({ packages: [first] });
    const expected = (await listRepository(folder)).packages[0]?.pkgid;
    const stored = path.join(folder, "packages", "first-1-1.noarch.rpm");
    // A link of the file is in each generation: all of them are nonsense now.
    await writeFile(stored, "");
    await releaseRepo(folder, { add: [second] }, { signer }, context);
    assert.equal((await listRepository(folder)).packages[0]?.pkgid, expected);
    const { problems } = await checkRepository(folder, context);
    assert.ok(problems.some((one) => one.includes("first-1-1.noarch.rpm: has 0 bytes")));
  });

  it("is the same for the same packages and time, on whatever day it is made", async () => {
    const timestampSeconds = 1_750_000_000;
    const one = await make({ packages: [first, second], timestampSeconds });
    const two = await make({ packages: [first], timestampSeconds });
    const later = testContext({ now: () => new Date("2026-05-05T05:05:05Z") });
    await releaseRepo(two, { add: [second], timestampSeconds }, { signer }, later);
    const contents = await Promise.all(
      [one, two].map(async (folder) => {
        const repodata = path.join(await currentFolder(folder), "repodata");
        const own = (await readdir(repodata)).filter((name) => /repomd|^[0-9a-f]{64}/.test(name));
        const listed = await readFile(path.join(repodata, "repomd.xml"), "utf8");
        const wanted = own.filter((name) => name.startsWith("repomd") || listed.includes(name));
        return Promise.all(
          wanted
            .sort()
            .map(async (name) => [name, await readFile(path.join(repodata, name), "hex")]),
        );
      }),
    );
    assert.deepEqual(contents[0], contents[1]);
  });

  it("refuses packages for every reason at once, and adds none of them", async () => {
    const folder = await make({ packages: [first] });
    const unsigned = await rpms.make("unsigned", { signed: false });
    const corrupt = await rpms.make("corrupt");
    await appendFile(corrupt, "x");
    const other = await rpms.make("first", { tags: "Provides: something-else" });
    const text = path.join(rpms.folder, "text.rpm");
    await writeFile(
      text,
      "not a package, but long enough to be looked at as if it were one".repeat(9),
    );
    const missing = path.join(rpms.folder, "missing.rpm");
    await assert.rejects(
      releaseRepo(
        folder,
        { add: [second, unsigned, corrupt, other, text, missing] },
        { signer },
        context,
      ),
      refuses(
        "REPO_BAD_PACKAGES",
        /unsigned-1-1\.noarch\.rpm: header signature: the package is not signed/,
        /corrupt-1-1\.noarch\.rpm: /,
        /first-1-1\.noarch\.rpm is already in the repository with other content/,
        /text\.rpm: .*magic/,
        /missing\.rpm: no such file/,
      ),
    );
    assert.deepEqual(await names(folder), ["packages/first-1-1.noarch.rpm"]);
    assert.deepEqual((await readdir(path.join(folder, ".virt-appliance"))).sort(), [
      "lock",
      "repository.json",
    ]);
    assert.deepEqual(await readdir(path.join(folder, "packages")), ["first-1-1.noarch.rpm"]);
  });

  it("reports missing files, and no problems of packages", async () => {
    const folder = await make();
    const [one, two] = ["one.rpm", "two.rpm"].map((name) => path.join(rpms.folder, name));
    assert.ok(one !== undefined && two !== undefined);
    await assert.rejects(
      releaseRepo(folder, { add: [one, second, two] }, { signer }, context),
      refuses("LIB_IO", /one\.rpm: no such file/, /two\.rpm: no such file/),
    );
    assert.deepEqual(await names(folder), []);
  });

  it("refuses a package signed by a key that is not its own", async () => {
    const folder = await make();
    const foreign = await rpms.make("foreign", { signed: false });
    const impostor: Signer = {
      ...signer,
      sign: (bytes, dates) => signer.sign(Buffer.concat([bytes, Buffer.from("x")]), dates),
    };
    await signRpm(foreign, impostor, context);
    await assert.rejects(
      releaseRepo(folder, { add: [foreign] }, { signer }, context),
      refuses("REPO_BAD_PACKAGES", /foreign-1-1\.noarch\.rpm: header signature/),
    );
  });

  it("accepts unsigned packages with the option, and names them", async () => {
    const folder = await make();
    const unsigned = await rpms.make("unsigned", { signed: false });
    const request = { add: [unsigned], allowUnsigned: true };
    const result = await releaseRepo(folder, request, { signer }, context);
    assert.deepEqual(result.unsigned, ["unsigned-1-1.noarch.rpm"]);
  });

  it("can do without a key", async () => {
    const unsigned = await rpms.make("unsigned", { signed: false });
    const folder = await make({ signer: undefined, packages: [unsigned, first] });
    assert.deepEqual((await checkRepository(folder, context)).problems, []);
    const names = await readdir(folder);
    assert.ok(!names.some((name) => name.startsWith("RPM-GPG-KEY")));
    assert.match(await readFile(path.join(folder, "demo.repo"), "utf8"), /^gpgcheck=0$/m);
  });

  it("names every package that cannot be removed, and removes none", async () => {
    const folder = await make({ packages: [first, second] });
    await assert.rejects(
      releaseRepo(folder, { remove: ["first-1-1", "third-1-1", "second-1"] }, { signer }, context),
      refuses("REPO_UNKNOWN_PACKAGE", /third-1-1, second-1/),
    );
    assert.equal((await names(folder)).length, 2);
    for (const nvr of ["first-1-1.noarch", "second-1-1.noarch.rpm"]) {
      await releaseRepo(folder, { remove: [nvr] }, { signer }, context);
    }
    assert.deepEqual(await names(folder), []);
  });

  it("refuses a file name with other content while clients may have the old one", async () => {
    const folder = await make({ packages: [first] });
    await releaseRepo(folder, { remove: ["first-1-1"] }, { signer }, context);
    const other = await rpms.make("first", { tags: "Provides: something-else" });
    await assert.rejects(
      releaseRepo(folder, { add: [other] }, { signer }, context),
      refuses("PUBLISH_CONFLICT", /packages\/first-1-1\.noarch\.rpm/),
    );
    await releaseRepo(folder, { add: [first] }, { signer }, context);
    assert.deepEqual((await checkRepository(folder, context)).problems, []);
  });

  it("shows what would be done without doing it", async () => {
    const folder = await make({ packages: [first] });
    const before = await readdir(folder, { recursive: true });
    const request = { add: [second], dryRun: true };
    const { plan } = await releaseRepo(folder, request, { signer }, context);
    assert.ok(
      plan.steps.some((step) => step.kind === "switch-all" && step.files[0]?.path === "mirrorlist"),
    );
    assert.deepEqual(await readdir(folder, { recursive: true }), before);
  });

  it("wants the key that it was made with", async () => {
    const folder = await make();
    const other = { ...signer, fingerprint: "0".repeat(40) };
    await assert.rejects(
      releaseRepo(folder, { add: [first] }, { signer: other }, context),
      refuses("REPO_WRONG_KEY", /found 0000/),
    );
    await assert.rejects(
      releaseRepo(folder, { add: [first] }, {}, context),
      refuses("REPO_WRONG_KEY", /no key was given/),
    );
  });

  it("a repository whose metadata was changed without the key gets no new release", async () => {
    const folder = await make({ packages: [first] });
    const repomd = path.join(await currentFolder(folder), "repodata", "repomd.xml");
    const text = await readFile(repomd, "utf8");
    await writeFile(repomd, text.replace("<revision>", "<revision>1"));
    await assert.rejects(
      releaseRepo(folder, { add: [second] }, { signer }, context),
      refuses("REPO_DAMAGED", /signature of the current repomd\.xml/),
    );
  });

  it("names the process that holds the lock", async () => {
    const folder = await make();
    const lock = path.join(folder, ".virt-appliance", "lock");
    await using held = await takeLock(lock, { purpose: "repo add" }, context);
    assert.ok(held.held);
    await assert.rejects(
      releaseRepo(folder, { add: [first] }, { signer, lockWaitSeconds: 0 }, context),
      refuses("LIB_LOCKED", new RegExp(`process ${process.pid} on .*repo add`)),
    );
  });

  it("is changed by several at once, one after the other", async () => {
    const folder = await make();
    const results = await Promise.all(
      [first, second].map((one) => releaseRepo(folder, { add: [one] }, { signer }, context)),
    );
    assert.ok(results.every((one) => one.plan.changed));
    assert.equal((await names(folder)).length, 2);
  });

  it("a folder with other files is refused and left unchanged", async () => {
    const folder = path.join(rpms.folder, "foreign");
    await mkdir(path.join(folder, ".virt-appliance"), { recursive: true });
    await writeFile(path.join(folder, "theirs"), "");
    await assert.rejects(
      initRepository(folder, settings(), context),
      refuses("REPO_FOREIGN", /"theirs"/),
    );
    assert.deepEqual((await readdir(folder)).sort(), [".virt-appliance", "theirs"]);
    await assert.rejects(releaseRepo(folder, {}, { signer }, context), refuses("REPO_MISSING"));
    const made = await make();
    await assert.rejects(initRepository(made, settings(), context), refuses("REPO_EXISTS"));
  });

  it("is not made under a name or an address that clients cannot use", async () => {
    const folder = path.join(rpms.folder, "never");
    for (const name of ["", "main", "a b", "../x", "[x]", "x".repeat(65)]) {
      await assert.rejects(
        initRepository(folder, settings({ name }), context),
        refuses("REPO_BAD_NAME"),
      );
    }
    const urls = [
      "",
      "ftp://x",
      "/x",
      "https://u:p@x/",
      "https://x/?a",
      "https://x/#a",
      "https://x/$releasever",
      "https://x/a b",
    ];
    for (const baseUrl of urls) {
      await assert.rejects(
        initRepository(folder, settings({ baseUrl }), context),
        refuses("REPO_BAD_URL"),
      );
    }
    await assert.rejects(readdir(folder));
  });

  it("stops when it is interrupted, and leaves nothing half-made", async () => {
    const folder = await make({ packages: [first] });
    const controller = new AbortController();
    const store = openDirectoryStore(folder);
    const interrupting = {
      ...store,
      async put(name: string, content: Uint8Array): Promise<void> {
        controller.abort();
        await store.put(name, content);
      },
    };
    await assert.rejects(
      releaseRepo(
        folder,
        { add: [second] },
        { signer, store: interrupting },
        { ...context, signal: controller.signal },
      ),
      refuses("LIB_INTERRUPTED"),
    );
    assert.deepEqual(await names(folder), ["packages/first-1-1.noarch.rpm"]);
    await releaseRepo(folder, { add: [second] }, { signer }, context);
    assert.deepEqual((await checkRepository(folder, context)).problems, []);
  });

  it("a full disk before the switch of the pointer leaves the repository as before", async () => {
    const folder = await make({ packages: [first] });
    const before = (await readdir(folder, { recursive: true })).sort();
    const pointer = await readFile(path.join(folder, "mirrorlist"), "utf8");
    let failures = 0;
    for (let at = 1; ; at += 1) {
      let count = 0;
      const full = (): void => {
        count += 1;
        if (count !== at) return;
        failures += 1;
        throw Object.assign(new Error("write: no space left"), { code: "ENOSPC" });
      };
      const effects: DirectoryEffects = {
        ...directoryEffects,
        async writeNew(file, content): Promise<void> {
          full();
          await directoryEffects.writeNew(file, content);
        },
        async copyNew(from, to, options): Promise<void> {
          await directoryEffects.copyNew(from, to, options);
          full();
        },
        async makeFolder(one): Promise<void> {
          full();
          await directoryEffects.makeFolder(one);
        },
        async symlink(text, one): Promise<void> {
          full();
          await directoryEffects.symlink(text, one);
        },
      };
      const store = openDirectoryStore(folder, effects);
      const release = releaseRepo(folder, { add: [second] }, { signer, store }, context);
      const error: unknown = await release.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) break;
      assert.ok(refuses("LIB_NO_SPACE", /no space left/)(error));
      assert.equal(await readFile(path.join(folder, "mirrorlist"), "utf8"), pointer);
      assert.deepEqual((await readdir(folder, { recursive: true })).sort(), before, `at ${at}`);
    }
    assert.ok(failures > 8, `${failures} failures`);
  });
});

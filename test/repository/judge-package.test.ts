import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { open, readdir, stat, truncate } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import type { PackagePlan } from "../../src/package/index.ts";
import { acceptPackages } from "../../src/repository/accept-packages.ts";
import type { AcceptanceRules } from "../../src/repository/judge-package.ts";
import { initRepository } from "../../src/repository/init-repository.ts";
import { publishRelease, releaseRepo } from "../../src/repository/release.ts";
import { newConfig } from "../../src/repository/repository-config.ts";
import type { Progress } from "../../src/lib/context.ts";
import { openDirectoryStore, openMemoryStore, type Store } from "../../src/publish/index.ts";
import { buildInto, packagePlan, stagedFile } from "../fixtures/package-plan.ts";
import { plannedSigner, signRpm } from "../../src/sign/index.ts";
import { testContext } from "../support/context.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { withFolder } from "../support/temporary.ts";

const context = testContext();

/** A signed package that is too large to be held in memory. */
async function large(
  folder: string,
  name: string,
  more: Partial<PackagePlan> = {},
): Promise<string> {
  const plan = packagePlan({ name, entries: [stagedFile("/usr/share/disk", "disk")], ...more });
  const noise = createHash("shake256", { outputLength: 5 * 1024 * 1024 });
  const staged = { disk: noise.update(name).digest() };
  const built = await buildInto(path.join(folder, name), plan, { staged });
  await signRpm(built.path, (await testKey()).signer, context);
  return built.path;
}

function rules(store: Store, more: Partial<AcceptanceRules> = {}): AcceptanceRules {
  const base = { store, present: async () => undefined, keyring: undefined };
  return { ...base, allowUnsigned: false, strict: false, sources: "kept", ...more };
}

describe("a package that is given to a repository", () => {
  it(
    "is refused when it is another one by the time it is copied",
    withFolder(async (folder) => {
      const [one, other] = [await large(folder, "one"), await large(folder, "other")];
      const memory = openMemoryStore();
      const store: Store = { ...memory, stage: (_, options) => memory.stage(other, options) };
      await assert.rejects(
        acceptPackages([one], rules(store), context),
        (error) =>
          error instanceof ApplianceError &&
          error.details.join() === `${one}: changed while it was read`,
      );
    }),
  );

  it(
    "is refused when its copy is damaged, with or without keys, by the path that was given",
    withFolder(async (folder) => {
      const file = await large(folder, "cut");
      const copy = await large(folder, "copy");
      await truncate(copy, 5 * 1024 * 1024);
      const memory = openMemoryStore();
      const store: Store = { ...memory, stage: (_, options) => memory.stage(copy, options) };
      const { keyring } = await testKey();
      for (const given of [undefined, keyring]) {
        await assert.rejects(
          acceptPackages([file], rules(store, { keyring: given }), context),
          (error) =>
            error instanceof ApplianceError &&
            error.details.length > 0 &&
            error.details.every((line) => line.startsWith(`${file}: `) && !line.includes(copy)),
        );
      }
    }),
  );

  it(
    "is decompressed as well where everything counts, while it is copied",
    withFolder(async (folder) => {
      const file = await large(folder, "one", { payload: { compressor: "gzip", level: 1 } });
      const store = openDirectoryStore(path.join(folder, "repository"));
      const { keyring } = await testKey();
      const given = rules(store, { keyring, strict: true });
      assert.equal((await acceptPackages([file], given, context)).accepted.length, 1);
    }),
  );

  it(
    "is verified by a dry run too, which leaves nothing",
    withFolder(async (folder) => {
      const [good, bad] = [await large(folder, "one"), await large(folder, "two")];
      await using handle = await open(bad, "r+");
      await handle.write("x", 4 * 1024 * 1024);
      const repository = path.join(folder, "repository");
      const { signer } = await testKey();
      const settings = { name: "demo", baseUrl: "http://localhost/x", signer, packages: [] };
      await initRepository(repository, { ...settings, allowUnsigned: false }, context);
      const names = async (): Promise<string[]> => readdir(repository, { recursive: true });
      const before = await names();
      const { added } = await releaseRepo(repository, { add: [good], dryRun: true }, { signer }, context); // prettier-ignore
      assert.deepEqual(added, ["one-1.0-1.noarch.rpm"]);
      await assert.rejects(
        releaseRepo(repository, { add: [good, bad], dryRun: true }, { signer }, context),
        (error) =>
          error instanceof ApplianceError &&
          error.details.length > 0 &&
          error.details.every((line) => line.startsWith(`${bad}: payload digest: `)),
      );
      assert.deepEqual(await names(), before);
    }),
  );

  it(
    "moves the progress while it is read, also among several",
    withFolder(async (folder) => {
      const files = [await large(folder, "one"), await large(folder, "two")];
      const total = (await Promise.all(files.map((file) => stat(file)))).map(({ size }) => size);
      const started: unknown[] = [];
      const amounts: number[] = [];
      const progress: Progress = {
        start: (label, ofBytes) => {
          started.push([label, ofBytes]);
          return { advance: (amount) => amounts.push(amount), done: () => {} };
        },
      };
      const store = openDirectoryStore(path.join(folder, "repository"));
      await acceptPackages(files, rules(store), testContext({ progress }));
      const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
      assert.deepEqual(started, [["adding 2 packages", sum(total)]]);
      assert.equal(sum(amounts), sum(total));
      assert.ok(Math.max(...amounts) < 5 * 1024 * 1024, String(Math.max(...amounts)));
    }),
  );

  it(
    "has the digest of all its bytes, whatever its size",
    withFolder(async (folder) => {
      const file = await large(folder, "one");
      const { accepted } = await acceptPackages([file], rules(openMemoryStore()), context);
      const { stdout } = await context.run("sha256sum", [file]);
      assert.equal(accepted[0]?.record.pkgid, stdout.split(" ")[0]);
    }),
  );
});

describe("a release whose lock is lost", () => {
  it("refuses to publish, and removes nothing", async () => {
    const files = new Map<string, Buffer>();
    const store = openMemoryStore(files);
    const config = newConfig({ name: "demo", baseUrl: "http://localhost/x", key: undefined });
    const release = { store, config, request: {}, signer: undefined, context };
    files.set("packages/of-another", Buffer.from("that holds the lock now"));
    await assert.rejects(publishRelease(release, { held: () => false }), { code: "LIB_LOCKED" });
    assert.deepEqual([...files.keys()], ["packages/of-another"]);
  });
});

describe("a signer for plans", () => {
  it(
    "neither signs a package nor publishes anything",
    withFolder(async (folder) => {
      const file = await large(folder, "one");
      const { signer } = await testKey();
      const planned = await plannedSigner(signer);
      await assert.rejects(signRpm(file, planned, context), TypeError);
      const store = openMemoryStore();
      const config = newConfig({ name: "demo", baseUrl: "http://localhost/x", key: undefined });
      const release = { store, config, request: {}, signer: planned, context };
      await assert.rejects(publishRelease(release, { held: () => true }), TypeError);
    }),
  );
});

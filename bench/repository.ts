import { execFile } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { copyFile, mkdir, mkdtemp, open, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { buildRpm } from "../src/rpm/index.ts";
import { generateKey, openSigner, type Signer, signRpm } from "../src/sign/index.ts";
import { testContext } from "../test/support/context.ts";
import { packagePlan, stagedFile, textFile } from "../test/fixtures/package-plan.ts";
import { type Chapter, type Measurement, time } from "./chapter.ts";

const PACKAGES = 10_000;
const LARGE_MIB = 1024;
const MIB = 1024 * 1024;
const TIMES = 3;
const PROGRAM = fileURLToPath(new URL("../dist/bundle/main.js", import.meta.url));

const run = promisify(execFile);
const context = testContext();

interface Workshop {
  readonly folder: string;
  readonly keys: string;
  readonly signer: Signer;
}

async function virtAppliance(shop: Workshop, ...args: readonly string[]): Promise<void> {
  await run(process.execPath, [PROGRAM, "repo", ...args, "--keys", shop.keys], {
    maxBuffer: 64 * MIB,
  });
}

/** Makes a signed package with two small files. */
async function makeSmall(shop: Workshop, folder: string, name: string): Promise<string> {
  const entries = [textFile(`/etc/${name}.conf`, "x\n"), textFile(`/usr/share/${name}/a`, name)];
  const options = { stagingFolder: folder, outputFolder: folder };
  const { path: file } = await buildRpm(packagePlan({ name, entries }), options, context);
  await signRpm(file, shop.signer, context);
  return file;
}

async function makeLarge(shop: Workshop, folder: string): Promise<string> {
  const staged = path.join(shop.folder, "disk");
  const handle = await open(staged, "wx");
  for (let done = 0; done < LARGE_MIB; done += 16) {
    await handle.write(randomFillSync(Buffer.allocUnsafe(16 * MIB)));
  }
  await handle.close();
  const plan = packagePlan({ name: "large", entries: [stagedFile("/usr/share/disk", "disk")] });
  const options = { stagingFolder: shop.folder, outputFolder: folder };
  const { path: file } = await buildRpm(plan, options, context);
  await signRpm(file, shop.signer, context);
  return file;
}

async function newRepository(shop: Workshop, name: string): Promise<string> {
  const folder = path.join(shop.folder, name);
  const settings = ["--name", "bench", "--base-url", "http://localhost/x", "--key", "bench"];
  await virtAppliance(shop, "init", folder, ...settings, "--no-host-package");
  return folder;
}

/** Measures how long it takes to add a package to a repository, and to a folder of createrepo_c. */
async function measureOne(
  what: string,
  of: { readonly aim: number; readonly file: (n: number) => Promise<string> },
  at: { readonly shop: Workshop; readonly repository: string; readonly plain: string },
): Promise<Measurement> {
  const files: string[] = [];
  for (let n = 0; n < TIMES; n += 1) files.push(await of.file(n));
  let [next, nextPlain] = [0, 0];
  const ours = await time(
    () => virtAppliance(at.shop, "add", at.repository, files[next++] ?? ""),
    TIMES,
  );
  // createrepo_c expects the package in its folder, so the copy is part of its work.
  const seconds = await time(async () => {
    const file = files[nextPlain++] ?? "";
    await copyFile(file, path.join(at.plain, path.basename(file)));
    await run("createrepo_c", ["--quiet", "--update", at.plain]);
  }, TIMES);
  return { what, aim: of.aim, ours, theirs: { tool: "cp, createrepo_c --update", seconds } };
}

/** Once: adding the same package again does nothing. */
async function measureLarge(shop: Workshop, folder: string): Promise<Measurement> {
  const file = await makeLarge(shop, folder);
  const repository = await newRepository(shop, "large");
  const plain = path.join(shop.folder, "plain-large");
  await mkdir(plain);
  const ours = await time(() => virtAppliance(shop, "add", repository, file), 1);
  const seconds = await time(async () => {
    await copyFile(file, path.join(plain, path.basename(file)));
    await run("createrepo_c", ["--quiet", plain]);
  }, 1);
  const what = `a package of ${LARGE_MIB} MiB`;
  return { what, aim: 2.1, ours, theirs: { tool: "cp, createrepo_c", seconds } };
}

async function measure(shop: Workshop): Promise<readonly Measurement[]> {
  const [plain, single] = [path.join(shop.folder, "plain"), path.join(shop.folder, "single")];
  await Promise.all([plain, single].map((one) => mkdir(one)));
  const files: string[] = [];
  for (let n = 0; n < PACKAGES; n += 1) {
    files.push(await makeSmall(shop, plain, `package-${String(n).padStart(6, "0")}`));
  }
  const repositories: string[] = [];
  for (let n = 0; n < TIMES; n += 1) repositories.push(await newRepository(shop, `all-${n}`));
  let next = 0;
  const all: Measurement = {
    what: `${PACKAGES} packages at once`,
    aim: 2.4,
    ours: await time(() => virtAppliance(shop, "add", repositories[next++] ?? "", ...files), TIMES),
    theirs: {
      tool: "createrepo_c",
      seconds: await time(() => run("createrepo_c", ["--quiet", plain]), TIMES),
    },
  };
  const at = { shop, repository: repositories[0] ?? "", plain };
  const small = (n: number): Promise<string> => makeSmall(shop, single, `single-${n}`);
  const one = await measureOne(`one package into ${PACKAGES}`, { aim: 0.3, file: small }, at);
  return [all, one, await measureLarge(shop, single)];
}

export const chapter: Chapter = {
  name: "repository",
  title: `packages with signatures that are verified; ${PACKAGES} are made first`,
  run: async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), "bench-repository-"));
    try {
      const keys = path.join(folder, "keys");
      const createdAt = new Date("2025-06-01T00:00:00Z");
      await generateKey({
        name: "bench",
        userId: "Bench <b@example.com>",
        folder: keys,
        createdAt,
      });
      const signer = await openSigner({ key: "bench", folder: keys, now: context.now() });
      return await measure({ folder, keys, signer });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

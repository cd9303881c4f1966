import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, readFile, readlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import type { PackagePlan } from "../../src/package/index.ts";
import { buildRpm } from "../../src/rpm/index.ts";
import { testContext } from "../support/context.ts";
import {
  BUILD_TIME_SECONDS,
  buildInto,
  directory,
  ghost,
  packagePlan,
  stagedFile,
  symlink,
  templateFile,
  textFile,
} from "../fixtures/package-plan.ts";
import { temporaryFolder } from "../support/temporary.ts";

const { run } = testContext();
const disk = Buffer.alloc(300_001, "disk");

function planOf(version: string, payload: PackagePlan["payload"]): PackagePlan {
  return packagePlan({
    name: "web-appliance",
    version,
    payload,
    entries: [
      directory("/opt/web", { mode: 0o2750 }),
      templateFile("/opt/web/a.list", "@SHA256(/opt/web/disk)@ @BYTES(/opt/web/disk)@\n"),
      textFile("/opt/web/conf", `version=${version}\n`, { attributes: ["config", "noreplace"] }),
      stagedFile("/opt/web/disk", "disk"),
      stagedFile("/opt/web/empty", "empty"),
      ghost("/opt/web/ghost"),
      symlink("/opt/web/link", "disk"),
      textFile(`/opt/web/only-${version}`, "x\n", { mode: 0o600 }),
    ],
    // Run by rpm itself, so that it needs no shell in the root.
    scriptlets: {
      post: {
        interpreter: ["<lua>"],
        body: 'posix.symlink("made by post", "/opt/post-" .. arg[2])',
      },
    },
  });
}

describe("a native package on a host", () => {
  const folder = temporaryFolder({ per: "test" });
  let root: string;
  beforeEach(async () => {
    root = path.join(folder, "root");
    await mkdir(root);
  });

  const rpm = (...args: string[]): Promise<{ stdout: string }> =>
    run("rpm", ["--root", root, "--dbpath", "/var/lib/rpm", "--nosignature", ...args]);
  const build = async (plan: PackagePlan): Promise<string> =>
    (await buildInto(folder, plan, { staged: { disk, empty: "" } })).path;

  const payloads: readonly PackagePlan["payload"][] = [
    { compressor: "none" },
    { compressor: "gzip", level: 6 },
    { compressor: "zstd", level: 19 },
  ];
  for (const payload of payloads) {
    it(`installs, verifies, upgrades and leaves only what was edited: ${payload.compressor}`, async () => {
      await rpm("-i", await build(planOf("1.0", payload)));
      await rpm("-V", "web-appliance");
      const web = path.join(root, "opt/web");
      assert.ok((await readFile(path.join(web, "disk"))).equals(disk));
      assert.equal(await readlink(path.join(web, "link")), "disk");
      const [stats, folderStats] = [await lstat(path.join(web, "only-1.0")), await lstat(web)];
      assert.equal(stats.mode & 0o7777, 0o600);
      assert.equal(stats.mtimeMs / 1000, BUILD_TIME_SECONDS - 86400);
      assert.equal(folderStats.mode & 0o7777, 0o2750);
      assert.equal(await readlink(path.join(root, "opt/post-1")), "made by post");

      await writeFile(path.join(web, "conf"), "version=mine\n");
      await writeFile(path.join(web, "disk"), "changed");
      await assert.rejects(rpm("-V", "web-appliance"), (error) => error instanceof ApplianceError);
      await rpm("-U", await build(planOf("1.1", payload)));
      assert.equal(await readFile(path.join(web, "conf"), "utf8"), "version=mine\n");
      assert.ok((await readdir(web)).includes("conf.rpmnew"));
      assert.ok(!(await readdir(web)).includes("only-1.0"));

      await rpm("-e", "web-appliance");
      assert.deepEqual(await readdir(web), ["conf.rpmnew", "conf.rpmsave"]);
    });
  }

  it("is installed by dnf from a repository that createrepo_c made", async () => {
    const repository = path.join(folder, "repository");
    await mkdir(repository);
    const file = await build(planOf("1.0", { compressor: "none" }));
    await writeFile(path.join(repository, path.basename(file)), await readFile(file));
    await run("createrepo_c", ["--quiet", repository]);
    await run("dnf", [
      "--quiet",
      "--assumeyes",
      "--nogpgcheck",
      `--repofrompath=native,${repository}`,
      "--repo=native",
      `--installroot=${root}`,
      `--setopt=cachedir=${folder}/dnf-cache`,
      `--setopt=logdir=${folder}`,
      "--setopt=reposdir=/nonexistent",
      "--releasever=1",
      "install",
      "web-appliance",
    ]);
    assert.ok((await readFile(path.join(root, "opt/web/disk"))).equals(disk));
  });
});

describe("buildRpm on a full disk", () => {
  const folder = temporaryFolder({ per: "test" });
  const payloads: readonly PackagePlan["payload"][] = [
    { compressor: "none" },
    { compressor: "gzip", level: 1 },
    { compressor: "zstd", level: 1 },
  ];
  for (const payload of payloads) {
    it(`says so, and leaves nothing: ${payload.compressor}`, async () => {
      const staging = path.join(folder, "staging");
      const small = path.join(folder, "small");
      await mkdir(staging);
      await mkdir(small);
      // Random, so that no compressor makes it fit.
      await writeFile(path.join(staging, "disk"), randomBytes(1_000_000));
      const plan = packagePlan({ payload, entries: [stagedFile("/opt/disk", "disk")] });
      await run("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", small]);
      try {
        await assert.rejects(
          buildRpm(plan, { stagingFolder: staging, outputFolder: small }, testContext()),
          (error) => error instanceof ApplianceError && error.code === "LIB_NO_SPACE",
        );
        assert.deepEqual(await readdir(small), []);
      } finally {
        await run("umount", [small]);
      }
    });
  }
});

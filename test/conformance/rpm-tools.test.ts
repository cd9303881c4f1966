import assert from "node:assert/strict";
import { mkdir, open, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { PackagePlan } from "../../src/package/index.ts";
import { readRpm, type RpmPackage } from "../../src/rpm/index.ts";
import { signRpm, verifyRpm } from "../../src/sign/index.ts";
import { bundledChild } from "../support/bundled-child.ts";
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
import { testKey } from "../fixtures/signing-key.ts";
import { realPlans, realStaged } from "./rpm-real-plans.ts";
import { temporaryFolder } from "../support/temporary.ts";

const { run } = testContext();
const root = fileURLToPath(new URL("../../", import.meta.url));
const sh = { interpreter: ["/bin/sh"] };
const disk = Buffer.alloc(300_001, "disk");
const base = packagePlan({
  name: "web-appliance",
  version: "1.0",
  arch: "x86_64",
  requires: [{ name: "virt-appliance-host", comparison: ">=", version: "0.1", phases: ["post"] }],
  recommends: [{ name: "virt-appliance" }],
  entries: [
    directory("/opt/web"),
    templateFile("/opt/web/a.list", "disk\t@SHA256(/opt/web/disk)@\t@BYTES(/opt/web/disk)@\n"),
    stagedFile("/opt/web/disk", "disk"),
    ghost("/opt/web/ghost"),
    symlink("/opt/web/link", "disk"),
    textFile("/opt/web/text", "text\n"),
  ],
  scriptlets: { post: { ...sh, body: "echo installed" }, preun: { ...sh, body: "echo goes" } },
  fileTriggers: [
    { ...sh, scope: "file", event: "in", body: "echo file", paths: ["/usr/lib/a"], priority: 3 },
    { ...sh, scope: "transaction", event: "postun", body: "echo transaction", paths: ["/opt"] },
  ],
  changelog: [{ timeSeconds: BUILD_TIME_SECONDS, author: "A <a@example.com> 1.0-1", text: "- x" }],
});
const payloads: readonly PackagePlan["payload"][] = [
  { compressor: "none" },
  { compressor: "gzip", level: 6 },
  { compressor: "zstd", level: 3 },
];

describe("a native package and the tools that read packages", () => {
  const folder = temporaryFolder();
  const build = async (plan: PackagePlan): Promise<string> =>
    (await buildInto(path.join(folder, plan.payload.compressor), plan, { staged: { disk } })).path;

  for (const payload of payloads) {
    const plan = { ...base, payload };
    const title = `with a payload compressed by ${payload.compressor}`;

    it(`passes rpm -K with every digest asked for, ${title}`, async () => {
      const digests = ["--define", "_pkgverify_level digest", "--define", "_pkgverify_flags 0x0"];
      const { stdout } = await run("rpm", ["-Kv", ...digests, await build(plan)]);
      assert.match(stdout, /Header SHA256 digest: OK\n\s*Payload SHA256 digest: OK/);
    });

    it(`unpacks through rpm2cpio and rpm2archive, ${title}`, async () => {
      const file = await build(plan);
      const cpio = path.join(folder, "payload.cpio");
      const handle = await open(cpio, "w");
      await run("rpm2cpio", [file], { output: handle.createWriteStream() });
      const target = path.join(folder, `unpacked-${payload.compressor}`);
      await mkdir(target);
      await run("cpio", ["-idm", "--quiet", "-F", cpio], { cwd: target });
      assert.ok((await readFile(path.join(target, "opt/web/disk"))).equals(disk));
      assert.match(
        await readFile(path.join(target, "opt/web/a.list"), "utf8"),
        /^disk\t[0-9a-f]{64}\t300001\n$/,
      );
      await run("rpm2archive", [file], { cwd: folder });
      const { stdout } = await run("tar", ["-tzf", `${file}.tgz`]);
      const names = ["", "/a.list", "/disk", "/link", "/text"].map((name) => `./opt/web${name}`);
      assert.deepEqual(
        stdout
          .trim()
          .split("\n")
          .map((name) => name.replace(/\/$/, ""))
          .sort(),
        names,
      );
    });
  }

  it("rpm can query it", async () => {
    const file = await build(base);
    const query = async (...args: string[]): Promise<string> =>
      (await run("rpm", ["-qp", ...args, file], { env: { TZ: "UTC" } })).stdout;
    assert.match(await query("-i"), /Name +: web-appliance\n.*Architecture: x86_64\n/s);
    assert.match(await query("--requires"), /^virt-appliance-host >= 0\.1$/m);
    assert.match(await query("--recommends"), /^virt-appliance$/m);
    assert.match(await query("--provides"), /^web-appliance\(x86-64\) = 1\.0-1$/m);
    assert.equal(
      await query("--scripts"),
      "postinstall scriptlet (using /bin/sh):\necho installed\npreuninstall scriptlet (using /bin/sh):\necho goes\n",
    );
    const triggers = await query("--filetriggers");
    assert.match(
      triggers,
      /^filetriggerin scriptlet \(using \/bin\/sh\) -- \/usr\/lib\/a\necho file$/m,
    );
    assert.match(triggers, /^transfiletriggerpostun scriptlet .* -- \/opt\necho transaction$/m);
    assert.equal(await query("--changelog"), "* Wed Nov 15 2023 A <a@example.com> 1.0-1\n- x\n\n");
    assert.match(await query("-lv"), /^-r--r--r-- .* 300001 .* \/opt\/web\/disk$/m);
    const priorities = "[%{FILETRIGGERPRIORITIES}][%{TRANSFILETRIGGERPRIORITIES}]";
    assert.equal(await query("--qf", priorities), "31000000");
  });

  it("is indexed by createrepo_c and found by dnf", async () => {
    const repository = path.join(folder, "repository");
    await mkdir(repository);
    await writeFile(path.join(repository, "web.rpm"), await readFile(await build(base)));
    await run("createrepo_c", ["--quiet", repository]);
    const { stdout } = await run("dnf", [
      "--quiet",
      `--repofrompath=native,${repository}`,
      "--repo=native",
      `--installroot=${folder}/dnf`,
      `--setopt=cachedir=${folder}/dnf-cache`,
      `--setopt=logdir=${folder}`,
      "--setopt=reposdir=/nonexistent",
      "--releasever=1",
      "repoquery",
      "--qf",
      "%{name} %{evr} %{arch} %{size}",
      "--whatprovides=/opt/web/disk",
    ]);
    const size = (await readRpm(await build(base))).fileSizeBytes;
    assert.match(stdout, new RegExp(`^web-appliance 1\\.0-1 x86_64 ${size}$`, "m"));
  });

  it("pleases rpmlint but for reasoned exceptions", async () => {
    const toml = path.join(root, "spec-templates/rpmlint.toml");
    const packages: string[] = [];
    for (const plan of await realPlans()) {
      const built = await buildInto(path.join(folder, "lint"), plan, { staged: realStaged });
      await signRpm(built.path, (await testKey()).signer, testContext());
      packages.push(built.path);
    }
    const { stdout } = await run("rpmlint", ["-c", toml, ...packages], { acceptExitCodes: [64] });
    assert.match(stdout, / 3 packages .* 0 errors, 0 warnings/, stdout);
    const unfiltered = await run("rpmlint", packages, { acceptExitCodes: [64, 66] });
    const lines = (await readFile(toml, "utf8")).split("\n").map((line) => line.trim());
    for (const [i, line] of lines.entries()) {
      const filter = /^'(.*)',$/.exec(line)?.[1];
      if (filter === undefined) continue;
      assert.match(unfiltered.stdout, new RegExp(filter), `${filter} hides nothing`);
      assert.match(lines[i - 1] ?? "", /^(#|')/, `${filter} has no reason`);
    }
  });

  /** Offsets, one of every few in each region of the package, with the name of the region. */
  function samples(rpm: RpmPackage): (readonly [string, number])[] {
    const every = (name: string, start: number, end: number, step: number): [string, number][] =>
      Array.from({ length: Math.ceil((end - start) / step) }, (_, i) => [name, start + i * step]);
    const digestAt = rpm.signature.raw.indexOf(rpm.signature.string("SHA256") ?? "");
    const digestStart = rpm.signatureStart + digestAt;
    return [
      ...every("lead", 4, 96, 5),
      ...every("signature index", 96, digestStart, 3),
      ...every("header digest", digestStart, digestStart + 65, 8),
      ...every("reserved space", digestStart + 73, rpm.headerStart, 301),
      ...every("header", rpm.headerStart, rpm.headerEnd, 29),
      ...every("payload", rpm.headerEnd, rpm.fileSizeBytes, 7919),
      ["payload", rpm.fileSizeBytes - 1],
    ];
  }

  it("does not pass with one byte changed: rpm notices in header and payload, we everywhere", async () => {
    const file = await build(base);
    const good = await readFile(file);
    const broken = path.join(folder, "broken");
    await mkdir(broken);
    const tried = samples(await readRpm(file));
    for (const [region, at] of tried) {
      const copy = Buffer.from(good);
      copy.writeUInt8((copy[at] ?? 0) ^ 0x41, at);
      await writeFile(path.join(broken, `${region.replaceAll(" ", "-")}-${at}.rpm`), copy);
    }
    const names = await readdir(broken);
    assert.equal(names.length, tried.length);
    const { stdout } = await run("rpm", ["-K", ...names], {
      cwd: broken,
      acceptExitCodes: names.map((_, i) => i + 1),
    });
    const passed = Array.from(
      stdout.matchAll(/^(\S+)-\d+\.rpm: digests OK$/gm),
      ([, region]) => region,
    );
    // rpm reads neither the lead nor sizes and space in the signature header.
    assert.deepEqual(
      [...new Set(passed)].filter((region) => region === "header" || region === "payload"),
      [],
    );
    const { keyring } = await testKey();
    for (const name of names) {
      const verdict = await verifyRpm(
        path.join(broken, name),
        { keyring, allowUnsigned: true, strict: true },
        testContext(),
      );
      assert.equal(verdict.ok, false, name);
    }
    assert.equal((await verifyRpm(file, { keyring, allowUnsigned: true }, testContext())).ok, true);
  });

  it("the build needs no more memory for a larger disk", async () => {
    const child = fileURLToPath(new URL("../rpm/build-in-child.ts", import.meta.url));
    const peakKiB = async (bytes: number): Promise<number> => {
      const staging = path.join(folder, `disk-${bytes}`);
      await mkdir(staging);
      await writeFile(path.join(staging, "disk"), "");
      await truncate(path.join(staging, "disk"), bytes);
      const { stdout } = await run(process.execPath, [await bundledChild(child), staging, staging]);
      return Number(stdout);
    };
    const [small, large] = [await peakKiB(2 ** 20), await peakKiB(2 ** 29)];
    assert.ok(large < small + 16 * 1024, `${small} KiB for 1 MiB, ${large} KiB for 512 MiB`);
    assert.ok(large < 200 * 1024, `${large} KiB`);
  });
});

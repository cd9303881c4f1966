import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import type { Relation } from "../../src/package/index.ts";
import { buildInto, packagePlan, textFile } from "../fixtures/package-plan.ts";
import { descriptorOf, noise, writeAppliance } from "../fixtures/appliance-folder.ts";
import { testContext } from "../support/context.ts";
import { runProgram } from "../support/run-program.ts";
import { namesIn, newFolderIn, temporaryFolder } from "../support/temporary.ts";

const { run } = testContext();
const accept = { acceptExitCodes: [1, 2, 3] };

describe("--repo", () => {
  const folder = temporaryFolder();

  async function build(
    into: string,
    name: string,
    lists: {
      readonly requires?: readonly Relation[];
      readonly recommends?: readonly Relation[];
    } = {},
  ): Promise<string> {
    const provides = [{ name: `cap-${name}`, comparison: "=", version: "2-1" }] as const;
    const entries = [textFile(`/usr/bin/${name}`, "x\n")];
    const arch = "x86_64";
    const built = await buildInto(into, packagePlan({ name, arch, provides, entries, ...lists }));
    return built.path;
  }

  /** A repository of the package `tool`, which createrepo_c made. */
  async function foreign(...options: string[]): Promise<string> {
    const repository = await newFolderIn(folder);
    await build(repository, "tool");
    await run("createrepo_c", ["--quiet", ...options, repository]);
    return repository;
  }

  /** Compresses primary metadata with zstd, as createrepo_c from 1.0 on does. */
  async function withZstd(repository: string): Promise<string> {
    const repodata = path.join(repository, "repodata");
    const old = (await readdir(repodata)).find((name) => name.endsWith("-primary.xml.gz")) ?? "";
    const packed = await readFile(path.join(repodata, old));
    const plain = path.join(repodata, "primary.xml");
    await writeFile(plain, gunzipSync(packed));
    await run("zstd", ["--quiet", "-19", "--rm", plain]);
    const content = await readFile(`${plain}.zst`);
    await rm(path.join(repodata, old));
    const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
    const repomd = path.join(repodata, "repomd.xml");
    const text = (await readFile(repomd, "utf8"))
      .replace(sha256(packed), sha256(content))
      .replace(old, "primary.xml.zst")
      .replace(`<size>${packed.length}</size>`, `<size>${content.length}</size>`);
    await writeFile(repomd, text);
    return repository;
  }

  async function own(): Promise<string> {
    const repository = path.join(await newFolderIn(folder), "own");
    const init = [
      "repo",
      "init",
      repository,
      "--name",
      "own",
      "--base-url",
      "https://example.com/",
    ];
    await runProgram([...init, "--unsigned"]);
    const tool = await build(await newFolderIn(folder), "tool");
    await runProgram(["repo", "add", repository, tool, "--allow-unsigned"]);
    return repository;
  }

  const kinds: readonly (readonly [title: string, make: () => Promise<string>])[] = [
    ["createrepo_c with gzip", () => foreign()],
    ["createrepo_c with xz", () => foreign("--general-compress-type=xz")],
    ["createrepo_c with bzip2", () => foreign("--general-compress-type=bz2")],
    ["createrepo_c with zstd", async () => withZstd(await foreign())],
    ["virt-appliance", own],
  ];
  for (const [title, make] of kinds) {
    it(`finds dependencies in a repository of ${title}`, async () => {
      const repository = await make();
      const good = await build(await newFolderIn(folder), "good", {
        requires: [
          { name: "tool", comparison: ">=", version: "1" },
          { name: "/usr/bin/tool" },
          { name: "(cap-tool >= 2 with tool)" },
          { name: "/usr/share/of-filelists-only" },
        ],
        recommends: [{ name: "cap-tool" }],
      });
      const bad = await build(await newFolderIn(folder), "bad", {
        requires: [
          { name: "cap-tool", comparison: ">", version: "3" },
          { name: "good" },
          { name: "(nothing or /usr/bin/else)" },
        ],
        recommends: [{ name: "nano", comparison: ">=", version: "1:5-2" }],
      });
      const args = ["verify", "--allow-unsigned", "--for", "el9,el8", "--repo", repository];
      const fine = await runProgram([...args, good], accept);
      assert.equal(fine.exitCode, 0, fine.stdout + fine.stderr);
      assert.doesNotMatch(fine.stdout, /missing\]/);
      const { exitCode, stdout } = await runProgram([...args, bad, good, "--json"], accept);
      assert.equal(exitCode, 3);
      const [first] = JSON.parse(stdout) as { targets: readonly unknown[] }[];
      const tail = "which neither the repositories nor the other packages provide";
      const verdict = {
        ok: false,
        reasons: [
          {
            code: "requires-missing",
            message: `requires (nothing or /usr/bin/else), cap-tool > 3, ${tail}`,
          },
        ],
        notes: [{ code: "recommends-missing", message: `recommends nano >= 1:5-2, ${tail}` }],
      };
      assert.deepEqual(first?.targets, [
        { target: "el8", ...verdict },
        { target: "el9", ...verdict },
      ]);
    });
  }

  it("takes several repositories, and notes a missing recommendation without a failure", async () => {
    const other = await newFolderIn(folder);
    await build(other, "other");
    await run("createrepo_c", ["--quiet", other]);
    const file = await build(await newFolderIn(folder), "both", {
      requires: [{ name: "tool" }, { name: "cap-other" }],
      recommends: [{ name: "nano" }],
    });
    const verify = ["verify", "--allow-unsigned", file, "--for", "el9", "--repo", await foreign()];
    assert.equal((await runProgram(verify, accept)).exitCode, 3);
    const { exitCode, stdout } = await runProgram([...verify, "--repo", other], accept);
    assert.equal(exitCode, 0, stdout);
    assert.match(
      stdout,
      /^ {2}for el9: ok\n {4}note: recommends nano, which .* {2}\[recommends-missing\]$/m,
    );
    const silent = await runProgram(["verify", "--allow-unsigned", file, "--for", "el9"], accept);
    assert.equal(silent.exitCode, 0);
    assert.doesNotMatch(silent.stdout, /missing\]/);
  });

  it("makes build refuse what the repositories have not", async () => {
    const web = path.join(await newFolderIn(folder), "web");
    await writeAppliance(web, descriptorOf([{ file: "root.raw" }]), { "root.raw": noise(4096) });
    const out = path.join(await newFolderIn(folder), "out");
    const build_ = ["build", web, "-o", out, "--for", "el9", "--repo"];
    const { exitCode, stderr } = await runProgram([...build_, await foreign()], accept);
    assert.equal(exitCode, 1);
    assert.match(stderr, /el9: requires .*virt-appliance-host.* \[requires-missing\]/);
    assert.match(stderr, /\[RPM_TARGET\]/);
    assert.deepEqual(await namesIn(path.dirname(out)), []);
  });

  it("names a folder that is no repository, before anything is built, and wants --for", async () => {
    const empty = await newFolderIn(folder);
    const of = ["--for", "el9", "--repo", empty];
    for (const args of [
      ["build", "missing.tar", ...of],
      ["verify", "missing.rpm", ...of],
    ]) {
      const { exitCode, stderr } = await runProgram(args, accept);
      assert.equal(exitCode, 1);
      assert.match(stderr, /no repodata\/repomd\.xml, expected .*\n {2}hint: .*\[REPO_MISSING\]/);
    }
    const alone = await runProgram(["verify", "x.rpm", "--repo", empty], accept);
    assert.equal(alone.exitCode, 2);
    assert.match(alone.stderr, /--repo: cannot be used without --for/);
  });

  it("refuses metadata that does not match repomd.xml, and what is no XML of its compression", async () => {
    const file = await build(await newFolderIn(folder), "any", { requires: [{ name: "tool" }] });
    const verify = ["verify", "--allow-unsigned", file, "--for", "el9", "--repo"];
    const repository = await withZstd(await foreign());
    const primary = path.join(repository, "repodata/primary.xml.zst");
    const good = await readFile(primary);
    const changed = Buffer.from(good);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    await writeFile(primary, changed);
    const bad = await runProgram([...verify, repository], accept);
    assert.match(bad.stderr, /primary\.xml\.zst: sha256 is .* expected .*\[REPODATA_DAMAGED\]/);
    const repomd = path.join(repository, "repodata/repomd.xml");
    const hex = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
    await writeFile(repomd, (await readFile(repomd, "utf8")).replace(hex(good), hex(changed)));
    const broken = await runProgram([...verify, repository], accept);
    assert.match(broken.stderr, /primary\.xml\.zst: not zstd data.*\[REPODATA_DAMAGED\]/);
  });
});

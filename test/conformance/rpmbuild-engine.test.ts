import assert from "node:assert/strict";
import { link, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import * as fc from "fast-check";
import { ApplianceError } from "../../src/errors.ts";
import { makeRun } from "../../src/lib/exec.ts";
import { testContext } from "../support/context.ts";
import type { PackagePlan } from "../../src/package/index.ts";
import { headerTags } from "../../src/rpm/format/tags.ts";
import { buildRpm, readRpm } from "../../src/rpm/index.ts";
import {
  buildInto,
  directory,
  packagePlan,
  stagedFile,
  symlink,
  templateFile,
  textFile,
} from "../fixtures/package-plan.ts";
import { newFolderIn, temporaryFolder } from "../support/temporary.ts";

const TEXT_TAGS = [
  ..."SUMMARY DESCRIPTION LICENSE GROUP VENDOR PACKAGER URL FILENAMES FILELINKTOS PREIN".split(" "),
  ..."POSTIN TRIGGERSCRIPTS TRIGGERNAME FILETRIGGERSCRIPTS FILETRIGGERNAME CHANGELOGNAME CHANGELOGTEXT".split(
    " ",
  ),
];

const rpmbuild = { engine: "rpmbuild" } as const;

/** Texts that rpm or a shell would expand, if one of them came to it as it is. */
const BAIT = "%(touch PWN) %{lua:io.open('PWN','w')} $(touch PWN) `touch PWN` ' \" %% %{name} \\";

function baited(folder: string): PackagePlan {
  const bait = BAIT.replaceAll("PWN", path.join(folder, "PWN"));
  const name = BAIT.replaceAll(/["\\%*?[\]{}/]/g, "");
  return packagePlan({
    summary: bait,
    description: `x ${bait}\n${bait.slice(1)}`,
    license: bait,
    group: bait,
    vendor: bait,
    packager: bait,
    url: bait.replaceAll(/[ /]/g, "+"),
    entries: [directory("/opt"), textFile(`/opt/a ${name}`, bait), symlink("/opt/link", bait)],
    scriptlets: { post: { interpreter: ["/bin/sh"], body: `: ${bait}\n# %post ${bait}` } },
    packageTriggers: [
      {
        event: "prein",
        interpreter: ["/bin/sh"],
        body: `: ${bait}`,
        packages: [{ name: `a${bait.replaceAll(/[ ,]/g, "")}` }],
      },
    ],
    fileTriggers: [
      {
        scope: "file",
        event: "in",
        interpreter: ["/bin/sh"],
        body: `x ${bait}`,
        paths: ["/opt/%{name}"],
      },
    ],
    changelog: [{ timeSeconds: 1700049600, author: `x ${bait}`, text: `- ${bait}` }],
  });
}

async function headerText(file: string, tags: readonly string[]): Promise<string> {
  const format = tags.map((tag) => `[%{${tag}}\n]`).join("");
  return (await testContext().run("rpm", ["-qp", "--qf", format, file])).stdout;
}

/** Returns a package's tags and the bytes of its payload, without the tag that only a build with sources has. */
async function contentOf(file: string): Promise<readonly unknown[]> {
  const rpm = await readRpm(file);
  const entries = rpm.header.entries.filter(
    ({ tag }) => tag !== headerTags.COOKIE[0] && tag !== 63,
  );
  const payload = (await readFile(file)).subarray(rpm.headerStart + rpm.header.raw.length);
  return [entries.map(({ tag, type, count, bytes }) => ({ tag, type, count, bytes })), payload];
}

describe("the engine rpmbuild", () => {
  const folder = temporaryFolder();

  it("runs nothing that a text says, and keeps each as it is", async () => {
    const root = await newFolderIn(folder);
    const plan = baited(root);
    const native = await buildInto(root, plan);
    const other = await buildInto(await newFolderIn(folder), plan, { engine: rpmbuild });
    assert.equal(await headerText(other.path, TEXT_TAGS), await headerText(native.path, TEXT_TAGS));
    // Macros run in the working folder of rpmbuild, which is that of this process.
    for (const place of [root, process.cwd()])
      assert.equal((await readdir(place)).includes("PWN"), false, place);
  });

  it("writes every text as the native engine does", async () => {
    const piece = fc.constantFrom(
      ..."a,B7, ,.,-,#,%,%%,%{,},(,),%(,[,%[,\\,\\\\,$,`,',\",é,🐧,@,*,?,~,<,>,|,&,;,!,%define,%if,files".split(
        ",",
      ),
      ",",
    );
    const line = fc.array(piece, { maxLength: 12 }).map((all) => `x${all.join("")}y`);
    const text = fc.array(line, { minLength: 1, maxLength: 4 }).map((all) => all.join("\n"));
    const name = line.map((one) => one.replaceAll(/["\\%*?[\]{}/]/g, ""));
    const parts = fc.record({ line, text, name, other: fc.tuple(line, line, text, name) });
    await fc.assert(
      fc.asyncProperty(parts, async ({ line: one, text: many, name: file, other }) => {
        const plan = packagePlan({
          summary: one,
          description: many,
          license: other[0],
          vendor: other[1],
          entries: [symlink(`/opt/${other[3]} link`, one), textFile(`/opt/${file}`, many)].sort(
            (a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)),
          ),
          scriptlets: { pre: { interpreter: ["/bin/sh"], body: many } },
          changelog: [{ timeSeconds: 1700049600, author: other[0], text: other[2] }],
        });
        const native = await buildInto(await newFolderIn(folder), plan);
        const made = await buildInto(await newFolderIn(folder), plan, { engine: rpmbuild });
        assert.equal(
          await headerText(made.path, TEXT_TAGS),
          await headerText(native.path, TEXT_TAGS),
        );
      }),
      { numRuns: Number(process.env["FUZZ"] ?? 25), seed: 20_260_101 },
    );
  });

  it("writes a source package from which rpmbuild --rebuild makes the same package", async () => {
    const root = await newFolderIn(folder);
    const staged = { "disk.qcow2": Buffer.alloc(3_000_000, "disk") };
    const plan = packagePlan({
      arch: "x86_64",
      payload: { compressor: "zstd", level: 3 },
      entries: [
        directory("/opt/web"),
        stagedFile("/opt/web/disk", "disk.qcow2"),
        templateFile("/opt/web/list", "@SHA256(/opt/web/disk)@ @BYTES(/opt/web/disk)@\n"),
      ],
      scriptlets: { post: { interpreter: ["/bin/sh"], body: "exit 0" } },
    });
    const binary = await buildInto(root, plan, { staged, engine: rpmbuild });
    const source = await buildInto(root, plan, { staged, engine: { ...rpmbuild, isSource: true } });
    assert.equal(source.name, "example-appliance-1.0-1.src.rpm");
    const top = await newFolderIn(folder);
    // As on a builder of a site: its own host name, no SOURCE_DATE_EPOCH.
    await testContext().run("rpmbuild", ["--define", `_topdir ${top}`, "--rebuild", source.path], {
      env: { HOME: top },
    });
    const again = path.join(top, "RPMS/x86_64", binary.name);
    assert.deepEqual(await contentOf(again), await contentOf(binary.path));
    const list = await testContext().run("sh", [
      "-c",
      `rpm2cpio "$0" | cpio --quiet -i --to-stdout ./opt/web/list`,
      again,
    ]);
    assert.match(list.stdout, /^[0-9a-f]{64} 3000000\n$/);
  });

  it("takes a template of the user's", async () => {
    const root = await newFolderIn(folder);
    const text = (await readFile("spec-templates/package.spec.tmpl", "utf8")).replace(
      "@RELATIONS@",
      "@RELATIONS@\nBugURL: https://bugs.example.com/",
    );
    const template = { name: "own.spec.tmpl", text };
    const built = await buildInto(root, packagePlan(), { engine: { ...rpmbuild, template } });
    assert.equal(await headerText(built.path, ["BUGURL"]), "https://bugs.example.com/\n");
  });

  it("tells what rpmbuild says of a template that it cannot read, and leaves nothing behind", async () => {
    const root = await newFolderIn(folder);
    const text = (await readFile("spec-templates/package.spec.tmpl", "utf8")).replace(
      "License:",
      "Licnse:",
    );
    const template = { name: "own.spec.tmpl", text };
    await assert.rejects(
      buildInto(root, packagePlan(), { engine: { ...rpmbuild, template } }),
      (error) => {
        assert.ok(error instanceof Error && "code" in error && "details" in error);
        assert.equal(error.code, "RPM_RPMBUILD");
        const message =
          "example-appliance: rpmbuild ended with an error, on the spec of own.spec.tmpl";
        assert.equal(error.message, message);
        const line = text.split("\n").findIndex((each) => each.startsWith("Licnse:")) + 1;
        assert.match(
          String(error.details),
          new RegExp(`Licnse.*\\(own\\.spec\\.tmpl, line ${line}\\)`),
        );
        return true;
      },
    );
    assert.deepEqual(await readdir(path.join(root, "out")), []);
  });

  for (const [what, [from, to], made] of [
    ["another release", ["Release: @RELEASE@", "Release: @RELEASE@.el9"], "1.0-1.el9.noarch.rpm"],
    ["another version", ["Version: @VERSION@", "Version: @VERSION@.1"], "1.0.1-1.noarch.rpm"],
    [
      "two packages",
      ["%install", "%package doc\nSummary: x\n%description doc\nx\n%files doc\n\n%install"],
      "1.0-1.noarch.rpm, example-appliance-doc-1.0-1.noarch.rpm",
    ],
  ] as const) {
    it(`refuses a template that makes ${what}, and leaves nothing behind`, async () => {
      const root = await newFolderIn(folder);
      const installed = await readFile("spec-templates/package.spec.tmpl", "utf8");
      const text = installed.replace(from, to);
      const template = { name: "own.spec.tmpl", text };
      const expected = "example-appliance-1.0-1.noarch.rpm";
      await assert.rejects(buildInto(root, packagePlan(), { engine: { ...rpmbuild, template } }), {
        code: "RPM_BAD_TEMPLATE",
        message: `own.spec.tmpl: made example-appliance-${made}, expected ${expected}`,
      });
      assert.deepEqual(await readdir(path.join(root, "out")), []);
    });
  }

  it("refuses texts that a spec takes for sections, all at once", async () => {
    const root = await newFolderIn(folder);
    const plan = packagePlan({
      description: "%files\n",
      scriptlets: { post: { interpreter: ["/bin/sh"], body: "a\n%if 0" } },
      packageTriggers: [
        { event: "in", interpreter: ["/bin/a--b"], body: "%pre", packages: [{ name: "x" }] },
      ],
      entries: [textFile('/opt/a"b', "")],
    });
    await assert.rejects(buildInto(root, plan, { engine: rpmbuild }), {
      code: "RPM_BAD_PLAN",
      details: [
        "description: line 1 begins with %files, which a spec takes for a directive",
        "scriptlet post: line 2 begins with %if, which a spec takes for a directive",
        'package trigger 1: interpreter is "/bin/a--b", expected no -- in a spec',
        "package trigger 1: line 1 begins with %pre, which a spec takes for a directive",
        '/opt/a"b: %files of a spec cannot name a path with "',
      ],
    });
  });

  for (const name of ["a b", "a%(touch PWN)", "a$(touch PWN)", "a'b", "a\\b", "a\nb"]) {
    it(`refuses an output folder that rpm or the shell would expand: ${JSON.stringify(name)}`, async () => {
      const root = await newFolderIn(folder);
      const folders = { stagingFolder: root, outputFolder: path.join(root, name), ...rpmbuild };
      await assert.rejects(buildRpm(packagePlan(), folders, testContext()), {
        code: "LIB_UNSAFE_PATH",
      });
      assert.deepEqual(await readdir(root), []);
    });
  }

  it("ends with all its children when it is interrupted", async () => {
    const root = await newFolderIn(folder);
    const sign = path.join(root, "started");
    const text = (await readFile("spec-templates/package.spec.tmpl", "utf8")).replace(
      "%files",
      `%check\nsleep 300 & echo $! >'${sign}'; sleep 301\n%files`,
    );
    const controller = new AbortController();
    const context = testContext({ signal: controller.signal });
    const engine = { ...rpmbuild, template: { name: "own", text } };
    const building = buildInto(root, packagePlan(), { engine, context });
    const ended = assert.rejects(building, { code: "LIB_INTERRUPTED" });
    for (let tries = 0; tries < 3000; tries += 1) {
      if ((await readFile(sign, "utf8").catch(() => "")).endsWith("\n")) break;
      await setTimeout(20);
    }
    const pid = Number(await readFile(sign, "utf8"));
    controller.abort();
    await ended;
    // A process that has ended is not found, or is a zombie until its parent reads its status.
    const state = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
    assert.match(state, /\) [ZX]/);
    assert.deepEqual(await readdir(path.join(root, "out")), []);
  });

  it("says which package brings rpmbuild", async () => {
    const root = await newFolderIn(folder);
    await mkdir(path.join(root, "bin"));
    const missing = testContext({ run: makeRun(path.join(root, "bin"), testContext().signal) });
    const folders = { stagingFolder: root, outputFolder: path.join(root, "out"), ...rpmbuild };
    await assert.rejects(buildRpm(packagePlan(), folders, missing), {
      code: "LIB_EXEC_MISSING",
      hint: "install the package rpm (Debian) or rpm-build (Fedora, RHEL, SUSE)",
    });
    assert.deepEqual(await readdir(root), ["bin"]);
  });

  it("links temporary images, and never changes a user's own", async () => {
    const root = await newFolderIn(folder);
    const staging = path.join(root, "staging");
    await mkdir(staging);
    await writeFile(path.join(staging, "disk"), Buffer.alloc(100_000, 1), { mode: 0o600 });
    const before = await stat(path.join(staging, "disk"));
    const plan = packagePlan({ entries: [stagedFile("/opt/disk", "disk")] });
    const folders = { stagingFolder: staging, outputFolder: root, ...rpmbuild };
    const built = await buildRpm(plan, folders, testContext());
    const after = await stat(path.join(staging, "disk"));
    assert.deepEqual(
      [after.mtimeMs, after.mode, after.ctimeMs],
      [before.mtimeMs, before.mode, before.ctimeMs],
    );
    const rpm = await readRpm(built.path);
    assert.deepEqual(
      rpm.header.integers("FILEMTIMES"),
      plan.entries.map((one) => one.mtimeSeconds),
    );
    await buildRpm(plan, { ...folders, isTemporary: true }, testContext());
    const linked = await stat(path.join(staging, "disk"));
    assert.equal(linked.mtimeMs / 1000, plan.entries[0]?.mtimeSeconds);
  });

  it("keeps files apart that are one file in the staging folder", async () => {
    const root = await newFolderIn(folder);
    await writeFile(path.join(root, "disk"), "same");
    await link(path.join(root, "disk"), path.join(root, "disk2"));
    const entries = [
      stagedFile("/opt/a", "disk"),
      stagedFile("/opt/b", "disk2"),
      stagedFile("/opt/c", "disk"),
    ];
    const folders = { stagingFolder: root, outputFolder: root, isTemporary: true, ...rpmbuild };
    const built = await buildRpm(packagePlan({ entries }), folders, testContext());
    const { header } = await readRpm(built.path);
    assert.deepEqual(header.integers("FILEINODES"), [1, 2, 3]);
  });

  it("refuses a path that would be too long in a build root", async () => {
    const root = await newFolderIn(folder);
    const plan = packagePlan({ entries: [textFile(`/${"x".repeat(99)}`.repeat(40), "")] });
    await assert.rejects(buildInto(root, plan, { engine: rpmbuild }), (error) => {
      assert.ok(error instanceof ApplianceError);
      assert.equal(error.code, "RPM_BAD_PLAN");
      assert.match(
        error.details.join("\n"),
        /^path "\/x{79}…" has 4000 bytes, expected at most 3\d\d\d in a build root$/,
      );
      return true;
    });
    await buildInto(root, plan);
    const shorter = packagePlan({ entries: [textFile(`/${"x".repeat(99)}`.repeat(37), "")] });
    await buildInto(root, shorter, { engine: rpmbuild });
  });
});

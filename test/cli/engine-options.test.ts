import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { RunResult } from "../../src/lib/exec.ts";
import { readRpm } from "../../src/rpm/index.ts";
import { descriptorOf, noise, tar, writeAppliance } from "../fixtures/appliance-folder.ts";
import { testContext } from "../support/context.ts";
import { runProgram } from "../support/run-program.ts";
import { namesIn, withFolder } from "../support/temporary.ts";

const { run } = testContext();
const env = { SOURCE_DATE_EPOCH: "1700000000" };
const template = path.join(import.meta.dirname, "../../spec-templates/package.spec.tmpl");

function program(...args: readonly string[]): Promise<RunResult> {
  return runProgram(args, { env, acceptExitCodes: [1, 2] });
}

/** Returns what rpm shows of a package that a user would look at. */
async function shown(file: string): Promise<string> {
  const what = [
    "--dump",
    "--provides",
    "--requires",
    "--recommends",
    "--scripts",
    "--filetriggers",
  ];
  const { stdout } = await run("rpm", ["-qpi", ...what, file]);
  return stdout;
}

async function packagesOf(folder: string): Promise<readonly string[]> {
  return (await namesIn(folder)).filter((name) => name.endsWith(".rpm"));
}

describe("the options for an engine", () => {
  it(
    "build the same packages of a tarball, a directory and a recipe with rpmbuild",
    withFolder(async (folder) => {
      const web = path.join(folder, "web");
      const files = { "root.raw": noise(2 ** 20), "iso/tools.iso": noise(4096), README: "read me" };
      await writeAppliance(web, descriptorOf([{ file: "root.raw" }]), files);
      const archive = path.join(folder, "web.tar.gz");
      await tar("-C", folder, "-czf", archive, "web");
      const recipe = path.join(import.meta.dirname, "../../examples/recipes/web");
      for (const [index, source] of [archive, web, recipe].entries()) {
        const [one, other] = [path.join(folder, `n${index}`), path.join(folder, `r${index}`)];
        await program("build", source, "-o", one);
        const { stdout } = await program("build", source, "-o", other, "--engine", "rpmbuild");
        const names = await packagesOf(one);
        assert.deepEqual(await namesIn(other), names);
        assert.equal(stdout.trim().split("\n").length, names.length);
        for (const name of names)
          assert.equal(await shown(path.join(other, name)), await shown(path.join(one, name)));
      }
      assert.deepEqual(await packagesOf(path.join(folder, "r2")), [
        "web-appliance-puppet-1.0-1.noarch.rpm",
        "web-appliance-recipe-1.0-1.noarch.rpm",
      ]);
    }),
  );

  it(
    "build the host package as a source package, and take a template of the site's",
    withFolder(async (folder) => {
      const own = path.join(folder, "own.spec.tmpl");
      const text = await readFile(template, "utf8");
      await writeFile(own, text.replace("@RELATIONS@", "@RELATIONS@\nBugURL: https://b.example/"));
      const args = ["host-package", "-o", folder, "--template", own];
      const { stdout } = await program(...args);
      const bugs = await run("rpm", ["-qp", "--qf", "%{BUGURL}", stdout.trim()]);
      assert.equal(bugs.stdout, "https://b.example/");
      const source = (await program(...args, "--srpm")).stdout.trim();
      assert.equal(path.basename(source), "virt-appliance-host-0.1.0-1.src.rpm");
      const listed = await run("rpm", ["-qpl", source]);
      assert.match(listed.stdout, /^virt-appliance-host\.spec$/m);
    }),
  );

  it(
    "refuse a bad template before a disk is converted, and a spec for the native engine",
    withFolder(async (folder) => {
      const bad = path.join(folder, "bad.tmpl");
      await writeFile(bad, (await readFile(template, "utf8")).replace("@NAME@", "@NAEM@"));
      const out = path.join(folder, "out");
      const wrong = await program("build", "does-not-exist", "-o", out, "--template", bad);
      assert.equal(wrong.exitCode, 1);
      assert.match(wrong.stderr, /bad\.tmpl: 2 problems in the template of the spec/);
      assert.match(wrong.stderr, /line 4: @NAEM@ is no variable/);
      for (const option of [["--srpm"], ["--template", template]]) {
        const args = ["build", "x", "-o", out, "--engine", "native", ...option];
        const { exitCode, stderr } = await program(...args);
        assert.equal(exitCode, 2);
        assert.match(stderr, /: cannot be used with --engine native/);
      }
      assert.deepEqual(await namesIn(folder), ["bad.tmpl"]);
    }),
  );

  for (const [args, message] of [
    [
      ["--signature-space", "8000"],
      /--signature-space: 8000, expected 640 to 7984 bytes.*\n.*EL 8/,
    ],
    [["--signature-space", "8000", "--for", "el8,el9"], /expected 640 to 7984 bytes/],
    [["--signature-space", "70000", "--for", "el9"], /expected 640 to 65280 bytes/],
    [["--signature-space", "12"], /expected 640 to 7984 bytes/],
  ] as const) {
    it(`refuse ${args.join(" ")}`, async () => {
      const { exitCode, stderr } = await program("build", "does-not-exist", ...args);
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, message);
    });
  }

  it(
    "reserve more space for signatures than EL 8 reads for systems that read it",
    withFolder(async (folder) => {
      const web = path.join(folder, "web");
      await writeAppliance(web, descriptorOf([{ file: "root.raw" }]), { "root.raw": noise(4096) });
      const space = ["--signature-space", "12000", "--for", "el9"];
      const { stdout, stderr } = await program("build", web, "-o", folder, ...space);
      const { signature } = await readRpm(stdout.trim());
      assert.ok((signature.bytes("RESERVEDSPACE")?.length ?? 0) >= 12_000, stderr);
    }),
  );
});

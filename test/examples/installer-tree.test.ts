import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { serveInstallerTree } from "../../examples/installer-tree/index.ts";
import type { RunResult } from "../../src/lib/exec.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder, withFolder } from "../support/temporary.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const READER = path.join(ROOT, "examples/installer-tree/installer/kickstart.awk");
const SEPARATOR = "\u001f";

describe("the installer's own reader of kickstarts", () => {
  const folder = temporaryFolder({ per: "test" });
  async function read(file: string, phase = "all", accept: readonly number[] = []) {
    // busybox, as in the initrd: not every awk has the same corners.
    const args = ["awk", "-v", `folder=${folder}`, "-v", `phase=${phase}`, "-f", READER, file];
    return testContext().run("busybox", args, { acceptExitCodes: accept });
  }
  async function readText(text: string, phase?: string): Promise<RunResult> {
    const file = path.join(folder, "text.ks");
    await writeFile(file, text);
    return read(file, phase, [1]);
  }
  const made = (name: string): Promise<string> => readFile(path.join(folder, name), "utf8");
  async function words(): Promise<readonly (readonly string[])[]> {
    const lines = (await made("commands")).split("\n").filter((line) => line !== "");
    return lines.map((line) => line.split(SEPARATOR).slice(1));
  }

  it("finds in the composed example what we put there", async () => {
    const { stdout } = await read(path.join(ROOT, "test/golden/recipe/web.ks"));
    assert.equal(stdout, "");
    const commands = await words();
    const of = (name: string) => commands.filter(([first]) => first === name);
    assert.deepEqual(of("timezone"), [["timezone", "Etc/UTC", "--utc"]]);
    assert.deepEqual(of("sshkey"), [
      ["sshkey", "--username=root", "ssh-ed25519 AAAAC3Nza admin@example.com"],
    ]);
    assert.equal(of("logvol").length, 2);
  });

  it("splits words as Python's shlex does, which Anaconda uses", async () => {
    const lines = [
      `lang 'a b' "c d"e 'f'"'"'g'`,
      `user --name="a\\"b" --gecos="c\\d" e\\ f`,
      `part / # comment`,
      `repo --name=a'#'b c#d`,
      `rootpw "" x`,
      `url\t--url=http://example.com/?a=b&c='d'`,
    ];
    await readText(`${lines.join("\n")}\n`);
    const script =
      "import json,shlex,sys; print(json.dumps([shlex.split(l, comments=True) for l in sys.stdin]))";
    const { stdout } = await testContext().run("python3", ["-c", script], {
      input: lines.join("\n"),
    });
    assert.deepEqual(await words(), JSON.parse(stdout));
  });

  it("keeps scripts unchanged and in order, separate from packages", async () => {
    await readText("%pre\nif\n%end\ntext\n%packages\na\n%end\n%post --log=/x\n'\n # %end\n%end\n");
    assert.equal(await made("001.body"), "a\n");
    assert.deepEqual((await made("002.head")).trimEnd().split(SEPARATOR).slice(1), [
      "%post",
      "--log=/x",
    ]);
    assert.equal(await made("002.body"), "'\n # %end\n");
    await readText("%pre\nif\n%end\n%include /nowhere\n", "pre");
    assert.equal(await made("001.body"), "if\n");
  });

  for (const { name, text, pattern } of [
    { name: "a section without end", text: "%post\nx\n", pattern: /text\.ks:1: %post has no %end/ },
    { name: "a quote that is not closed", text: "text\nlang 'a\n", pattern: /:2: a quote is not/ },
    { name: "an include that is not there", text: "%include /none\n", pattern: /\/none: cannot/ },
  ]) {
    it(`refuses ${name}`, async () => {
      const { stdout, exitCode } = await readText(text);
      assert.equal(exitCode, 1);
      assert.match(stdout, pattern);
    });
  }
});

describe("the server of an installer tree", () => {
  it(
    "serves the tree's files, and nothing beside them",
    withFolder(async (folder) => {
      await writeFile(path.join(folder, "a b"), "inside");
      await using server = await serveInstallerTree(folder);
      assert.equal(await (await fetch(`${server.url}/a%20b`)).text(), "inside");
      for (const name of ["", "none", "..%2f..%2fetc/passwd", "%2e%2e/%2e%2e/etc/passwd"]) {
        assert.equal((await fetch(`${server.url}/${name}`)).status, 404, name);
      }
      assert.equal(new URL(server.guestUrl).hostname, "10.0.2.2");
    }),
  );
});

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { commands } from "../../src/cli/commands.ts";
import { bundleProgram } from "../../tools/bundle/bundle-program.ts";
import { type BundledProgram, openBundledProgram } from "../support/bundled-program.ts";

async function contents(folder: string): Promise<Readonly<Record<string, string>>> {
  const files = (await readdir(folder)).sort();
  const entries = files.map(
    async (name) => [name, await readFile(path.join(folder, name), "utf8")] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** Returns what files load before anything of them runs, themselves included. */
function loadedBy(first: readonly string[], bundle: Readonly<Record<string, string>>): string {
  const started = new Set<string>();
  const follow = (name: string): void => {
    if (started.has(name)) return;
    started.add(name);
    for (const [, next] of (bundle[name] ?? "").matchAll(/(?:from|^import) "\.\/([^"]+)"/gm)) {
      if (next !== undefined) follow(next);
    }
  };
  first.forEach(follow);
  return [...started].map((name) => bundle[name]).join("\n");
}

describe("bundle of the program", () => {
  let program: BundledProgram;
  let bundle: Readonly<Record<string, string>>;
  before(async () => {
    program = await openBundledProgram();
    bundle = await contents(path.dirname(program.main));
  });
  after(() => program[Symbol.asyncDispose]());

  it("runs away from its source tree, and reads what it came with", async () => {
    const manifest: { version: string } = JSON.parse(await readFile("package.json", "utf8"));
    assert.equal(await program.run("--version"), `${manifest.version}\n`);
    const out = path.join(program.folder, "out");
    assert.match(await program.run("host-package", "-o", out), /virt-appliance-host-.*\.rpm\n$/);
  });

  it("loads every command", async () => {
    for (const { name } of commands) {
      assert.match(await program.run(name, "--help"), new RegExp(`^virt-appliance ${name}`), name);
    }
  });

  it("keeps each command, and the large libraries, out of what every start reads", () => {
    const commandLine = Object.keys(bundle).filter((one) => /^run-command-line-.*\.js$/.test(one));
    assert.equal(commandLine.length, 1);
    const text = loadedBy(["main.js", ...commandLine], bundle);
    for (const absent of ["src/cli/commands/", "node_modules/openpgp/", "node_modules/mime-db/"]) {
      assert.ok(!text.includes(`\n// ${absent}`), `${absent} is in what every start reads`);
    }
    // Each command, and the command line itself.
    const modules = commands.flatMap((entry) => ("load" in entry ? [entry] : entry.commands));
    assert.equal(text.match(/import\("\.\//g)?.length, modules.length + 1);
  });

  it("keeps what answers requests out of the commands that do not", () => {
    const answering = "\n// node_modules/mime-db/";
    const chunkOf = (name: string): string => {
      const pattern = new RegExp(`^${name}-[A-Z0-9]+\\.js$`);
      const [file, ...others] = Object.keys(bundle).filter((one) => pattern.test(one));
      assert.ok(file !== undefined && others.length === 0, name);
      return file;
    };
    for (const name of ["add", "remove"])
      assert.ok(!loadedBy([chunkOf(name)], bundle).includes(answering), name);
    assert.ok(loadedBy([chunkOf("serve")], bundle).includes(answering));
  });

  it("is the same wherever and however often it is made", async () => {
    const places = ["one", "another/place"].map((name) => path.join(program.folder, name));
    const [one = {}, other] = await Promise.all(
      places.map(async (place) => {
        await bundleProgram(place);
        return contents(place);
      }),
    );
    assert.deepEqual(one, other);
    for (const [name, text] of Object.entries(one)) {
      assert.ok(!text.includes(process.cwd()), `${name} names the folder that it was made in`);
    }
  });

  it("has no folders inside: modules look two levels up", async () => {
    const entries = await readdir(path.dirname(program.main), { withFileTypes: true });
    assert.deepEqual(
      entries.filter((entry) => !entry.isFile()),
      [],
    );
  });

  it("comes with the licence of every library that it says it holds", () => {
    const libraries: { name: string; version: string; license: string }[] = JSON.parse(
      bundle["libraries.json"] ?? "",
    );
    const licenses = bundle["THIRD-PARTY.txt"] ?? "";
    const named = new Set(
      Object.values(bundle).flatMap((text) =>
        Array.from(
          text.matchAll(/^\/\/ (?:node_modules\/\S*?)?node_modules\/((?:@[^/]+\/)?[^/\s]+)\//gm),
          ([, name]) => name ?? "",
        ),
      ),
    );
    assert.deepEqual([...named].sort(), [...new Set(libraries.map(({ name }) => name))].sort());
    for (const { name, version, license } of libraries) {
      assert.match(license, /^[\w.+() -]+$/);
      assert.ok(licenses.includes(`\n${name} ${version}\nLicense: ${license}\n`), name);
    }
    assert.match(licenses, /GNU LESSER GENERAL PUBLIC LICENSE[^]*GNU GENERAL PUBLIC LICENSE/);
    assert.match(licenses, /noble-curves - MIT License/);
  });
});

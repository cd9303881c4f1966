import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const { run } = testContext();

/** Returns the examples of the pages, in their order. */
async function examples(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of ["README.md", "docs/api.md"]) {
    const page = await readFile(path.join(ROOT, name), "utf8");
    found.push(...[...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = ""]) => text));
  }
  return found;
}

describe("the library as a package", () => {
  const folder = temporaryFolder();

  // What npm would publish, installed into a separate project.
  before(async () => {
    const pack = ["pack", "--json", "--pack-destination", folder, ROOT];
    const { stdout } = await run("npm", pack, { cwd: folder, env: { HOME: folder } });
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    const modules = path.join(folder, "node_modules/virt-appliance");
    await mkdir(modules, { recursive: true });
    await run("tar", ["-xzf", path.join(folder, filename), "-C", modules, "--strip-components=1"]);
    const dependencies = await readFile(path.join(ROOT, "package.json"), "utf8");
    const names = Object.keys(
      (JSON.parse(dependencies) as { dependencies: Record<string, string> }).dependencies,
    );
    assert.ok(names.length > 0);
    // Its dependencies, and the types of Node, are found above the project.
    await run("ln", ["-s", path.join(ROOT, "node_modules"), path.join(modules, "node_modules")]);
    await mkdir(path.join(folder, "node_modules/@types"));
    await run("ln", [
      "-s",
      path.join(ROOT, "node_modules/@types/node"),
      path.join(folder, "node_modules/@types/node"),
    ]);
    await writeFile(path.join(folder, "package.json"), '{ "type": "module" }\n');
    await writeFile(path.join(folder, "README.md"), "An example project.\n");
  });

  it("compiles and runs the examples of README.md and docs/api.md, in their order", async () => {
    const texts = await examples();
    assert.ok(texts.length >= 5, `${texts.length} examples`);
    const output: string[] = [];
    for (const [index, text] of texts.entries()) {
      const file = path.join(folder, `example-${index}.ts`);
      await writeFile(file, text);
      const strict = ["--strict", "--noEmit", "--exactOptionalPropertyTypes", "--skipLibCheck"];
      const node = ["--module", "nodenext", "--target", "es2023", "--types", "node"];
      const lib = ["--lib", "es2023,esnext.disposable"];
      const tsc = path.join(ROOT, "node_modules/.bin/tsc");
      const compiled = await run(tsc, [...strict, ...node, ...lib, file], {
        cwd: folder,
        acceptExitCodes: [1, 2],
      });
      assert.equal(compiled.stdout, "", `example ${index}`);
      const tsx = path.join(ROOT, "node_modules/tsx/dist/loader.mjs");
      const { stdout } = await run(process.execPath, ["--import", tsx, file], { cwd: folder });
      output.push(...stdout.split("\n").filter((line) => line !== ""));
    }
    assert.deepEqual(output, [
      "site-motd-1.0-1.noarch.rpm true",
      "true true",
      "[ 'site-motd-1.0-1' ]",
      "true",
      "site-motd MIT [ 'motd', 'motd' ]",
      "1",
      "[ 'blank 1.0 true' ]",
      "true",
      "0",
      "LIB_INTERRUPTED",
    ]);
    await run("rpm", ["-qpl", path.join(folder, "out/site-motd-1.0-1.noarch.rpm")]);
  });

  it("resolves and is typed wherever ES modules are", async () => {
    await run(path.join(ROOT, "node_modules/.bin/publint"), ["--strict", ROOT]);
    const attw = path.join(ROOT, "node_modules/.bin/attw");
    await run(attw, ["--pack", ROOT, "--profile", "esm-only"], { cwd: folder });
  });

  it("holds what is needed and nothing else", async () => {
    const installed = path.join(folder, "node_modules/virt-appliance");
    const { stdout } = await run("find", [
      installed,
      "-type",
      "f",
      "-not",
      "-path",
      "*/node_modules/*/node_modules/*",
    ]);
    const names = stdout
      .trimEnd()
      .split("\n")
      .map((one) => path.relative(installed, one));
    const odd = names.filter(
      (name) =>
        !/^(dist|spec-templates|repo|docs)\/|^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(
          name,
        ),
    );
    assert.deepEqual(odd, []);
    assert.deepEqual(
      names.filter((name) => /\.map$|\.tsbuildinfo$|(?<!\.d)\.ts$/.test(name)),
      [],
    );
    const mapped = await run(
      "grep",
      ["-rl", "^//# sourceMappingURL", path.join(installed, "dist")],
      { acceptExitCodes: [1] },
    );
    assert.equal(mapped.stdout, "");
  });
});

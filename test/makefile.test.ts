import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { testContext } from "./support/context.ts";

const root = path.join(import.meta.dirname, "..");

interface Locked {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Returns where npm looks for a package that the one in `folder` needs, the nearest place first. */
function placesOf(name: string, folder: string): string[] {
  const parents = [...folder.matchAll(/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+/g)].map(
    ({ index, 0: { length } }) => folder.slice(0, index + length),
  );
  return ["", ...parents.map((one) => `${one}/`)]
    .map((parent) => `${parent}node_modules/${name}`)
    .toReversed();
}

describe("the Makefile", () => {
  it("installs exactly the npm packages of package-lock.json", async () => {
    const { run } = testContext();
    // -W: as in a fresh clone, the packages are still to be installed.
    const args = ["--no-print-directory", "--dry-run", "-W", "package.json", "deps"];
    const { stdout } = await run("make", args, { cwd: root });
    assert.match(stdout, /^npm ci /m);
  });
});

describe("package-lock.json", () => {
  it("has the binaries of every platform, which npm ci asks for", async () => {
    const text = await readFile(path.join(root, "package-lock.json"), "utf8");
    const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, Locked>> };
    const missing = Object.entries(packages).flatMap(([folder, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !placesOf(name, folder).some((place) => place in packages))
        .map((name) => `${folder}: ${name}`),
    );
    assert.deepEqual(missing, []);
  });
});

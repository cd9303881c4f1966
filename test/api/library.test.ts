import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { exportedBy, typesBehind } from "../support/public-types.ts";

const root = path.join(import.meta.dirname, "../..");
const folder = path.join(root, "src/api");
const faces = readdirSync(folder).filter(
  (name) => name.endsWith(".ts") && name !== "create-context.ts",
);

describe("the library", () => {
  for (const face of faces) {
    it(`names every type that ${face} uses`, () => {
      const file = path.join(folder, face);
      const known = new Set([...exportedBy(file).values()].map((one) => `${one.file} ${one.name}`));
      const missing = typesBehind(file)
        .filter((one) => !known.has(`${one.file} ${one.name}`))
        .map((one) => `${one.name} of ${path.relative(root, one.file)}`);
      assert.deepEqual(missing, []);
    });
  }

  it("package.json exports each of these files, and no other", async () => {
    const { exports } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8")) as {
      exports: Readonly<Record<string, { readonly default?: string }>>;
    };
    const targets = Object.values(exports).flatMap((one) => one.default ?? []);
    assert.deepEqual(
      targets.sort(),
      faces.map((face) => `./dist/api/${face.replace(/\.ts$/, ".js")}`).sort(),
    );
  });

  it("is small enough to be learned", () => {
    const values = [...exportedBy(path.join(folder, "index.ts")).keys()].filter((name) =>
      /^[a-z]|^ApplianceError$/.test(name),
    );
    assert.ok(values.length <= 30, values.join(" "));
    assert.ok(values.includes("buildFiles"), values.join(" "));
  });

  it("is about the types that it is about", () => {
    const names = typesBehind(path.join(folder, "rpm.ts")).map(({ name }) => name);
    for (const name of ["PackagePlan", "RpmPackage", "Run", "Ordering"]) {
      assert.ok(names.includes(name), `${name} is not among ${names.join(" ")}`);
    }
  });
});

import assert from "node:assert/strict";
import { dataFiles, digestCode, makeDigestInputs } from "../../tools/choose-tests/digest-inputs.ts";
import {
  followImports,
  makeLoads,
  type ReadText,
} from "../../tools/choose-tests/follow-imports.ts";

/** A repository of a few files. */
const files: Readonly<Record<string, string>> = {
  "src/cli/main.ts": 'const { run } = await import("./run.ts");\n',
  "src/cli/run.ts": 'import { x } from "../lib/x.ts";\n// runs test/one.test.ts in dist/\n',
  "src/lib/x.ts": 'import type { Y } from "./y.ts";\nexport { z } from "./z.ts";\n',
  "src/lib/y.ts": "",
  "src/lib/z.ts": 'const text = await readInstalled("repo/file.tmpl");\n',
  "test/built.test.ts": 'const program = path.join(root, "dist/cli/main.js");\n',
  "test/loader.test.ts": "const program = `${PROGRAM}/src/cli/main.ts`;\n",
  "test/child.test.ts": 'const child = path.join(import.meta.dirname, "support/a-child.ts");\n',
  "test/support/a-child.ts": 'import {\n  z,\n} from "../../src/lib/z.ts";\n',
  "test/none.test.ts": 'import assert from "node:assert/strict";\nimport "./gone.ts";\n',
};
const read: ReadText = (file) => files[file];
const program = ["src/cli/main.ts", "src/cli/run.ts", "src/lib/x.ts", "src/lib/z.ts"];

describe("files that a test loads", () => {
  for (const [file, expected] of [
    ["src/cli/main.ts", program],
    ["test/built.test.ts", [...program, "test/built.test.ts"]],
    ["test/loader.test.ts", [...program, "test/loader.test.ts"]],
    ["test/child.test.ts", ["src/lib/z.ts", "test/child.test.ts", "test/support/a-child.ts"]],
    ["test/none.test.ts", ["test/none.test.ts"]],
  ] as const) {
    it(`are known of ${file}`, () => {
      assert.deepEqual(followImports(file, makeLoads(read)), expected);
    });
  }

  it("count with what they do, not with types, comments and layout", async () => {
    const digest = await digestCode("/** Says x. */\nexport const x: string = `a  b`;\n");
    assert.equal(await digestCode("export const x =\n  `a  b`;\ninterface Y {}\n"), digest);
    assert.notEqual(await digestCode("export const x = `a b`;\n"), digest);
  });

  it("are joined by the files that no import leads to", () => {
    const code = ["examples/demo/main.ts", "tools/x.ts", "src/index.ts"];
    const texts = ["docs/host.md", "examples/demo/README.md", "test/slow/passed.txt"];
    const data = [
      "examples/recipes/web/web.ks",
      "package.json",
      "repo/x",
      "spec-templates/post.sh",
    ];
    assert.deepEqual(dataFiles([...code, ...texts, ...data]), data);
  });

  it("are those of all unit tests for a chapter that runs the units", async () => {
    const units = 'const config = "test/support/mocharc-unit.json";\n';
    const before = { "test/slow/units.test.ts": units, "test/a.test.ts": "let a = 1;\n" };
    const digestWith = (changes: Readonly<Record<string, string>>): Promise<string> => {
      const texts: Readonly<Record<string, string>> = { ...before, ...changes };
      return makeDigestInputs(Object.keys(texts), (file) => texts[file])("test/slow/units.test.ts");
    };
    const digest = await digestWith({});
    assert.notEqual(await digestWith({ "test/a.test.ts": "let a = 2;\n" }), digest);
    assert.equal(await digestWith({ "test/e2e/b.test.ts": "let b;\n" }), digest);
  });
});

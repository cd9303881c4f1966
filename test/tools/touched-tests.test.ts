import assert from "node:assert/strict";
import { touchedTests } from "../../tools/choose-tests/touched-tests.ts";

/** A repository of a few files. */
const files: Readonly<Record<string, string>> = {
  "src/cli/main.ts": 'const { run } = await import("./run.ts");\n',
  "src/cli/run.ts": 'import { x } from "../lib/x.ts";\n',
  "src/lib/x.ts": 'import type { Y } from "./y.ts";\nexport { z } from "./z.ts";\n',
  "src/lib/y.ts": "",
  "src/lib/z.ts": 'const text = await readInstalled("repo/file.tmpl");\n',
  "test/built.test.ts": 'const program = path.join(root, "dist/cli/main.js");\n',
  "test/child.test.ts": 'const child = path.join(import.meta.dirname, "support/a-child.ts");\n',
  "test/support/a-child.ts": 'import { z } from "../../src/lib/z.ts";\n',
  "test/golden.test.ts": 'const golden = path.join(root, "test/golden/rpm");\n',
};
const tests = Object.keys(files).filter((file) => file.endsWith(".test.ts"));

describe("tests that a change touches", () => {
  for (const [changed, touched, untested] of [
    ["src/lib/z.ts", ["test/built.test.ts", "test/child.test.ts"], []],
    ["src/lib/x.ts", ["test/built.test.ts"], []],
    ["test/golden.test.ts", ["test/golden.test.ts"], []],
    ["test/golden/rpm/a.txt", ["test/golden.test.ts"], []],
    ["repo/file.tmpl", ["test/built.test.ts", "test/child.test.ts"], []],
    ["src/lib/y.ts", [], ["src/lib/y.ts"]],
    ["docs/host.md", [], ["docs/host.md"]],
  ] as const) {
    it(`are known for ${changed}`, () => {
      assert.deepEqual(
        touchedTests([changed], tests, (file) => files[file]),
        { tests: touched, untested },
      );
    });
  }
});

import assert from "node:assert/strict";
import { checkModuleData } from "../../src/recipe/puppet/module-data.ts";

async function told(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const texts = Object.entries(files).map(([path, text]) => ({
    path,
    text: () => Promise.resolve(text),
  }));
  const problems = await checkModuleData(texts, "puppet/web/");
  return problems.map(({ severity, origin, message }) => `${severity} ${origin}: ${message}`);
}

const five = (levels: string): string => `version: 5\nhierarchy:\n${levels}`;

/** What a module has, and what is said of it: nothing, or one line. */
const cases: readonly (readonly [string, Readonly<Record<string, string>>, RegExp | undefined])[] =
  [
    ["data without configuration", { "data/common.yaml": "web::a: 1\n" }, undefined],
    [
      "a hierarchy by facts",
      {
        "hiera.yaml": five("  - name: os\n    paths:\n      - 'os/%{facts.os.family}.yaml'\n"),
        "data/os/Debian.yaml": "web::a: &x [1]\nweb::b: *x\n",
      },
      undefined,
    ],
    [
      "globs, folders of their own and JSON",
      {
        "hiera.yaml": five(
          "  - name: a\n    datadir: more\n    glob: '*.json'\n    data_hash: json_data\n",
        ),
        "more/x.json": "{}",
      },
      undefined,
    ],
    ["symbols for keys", { "hiera.yaml": ":version: 5\n" }, undefined],
    ["encrypted data", { "data/common.yaml": "web::a: ENC[PKCS7,abc==]\n" }, undefined],
    ["data that is empty", { "data/common.yaml": "---\n" }, undefined],
    [
      "data that is no YAML",
      { "data/common.yaml": "web::a: Note: read this\n" },
      /^error puppet\/web\/data\/common\.yaml: not YAML: line 1/,
    ],
    [
      "a list for data",
      { "data/common.yaml": "- a\n" },
      /^warning puppet\/web\/data\/common\.yaml: no map/,
    ],
    [
      "JSON that is none",
      {
        "hiera.yaml": five("  - name: a\n    path: a.json\n    data_hash: json_data\n"),
        "data/a.json": "{",
      },
      /^error puppet\/web\/data\/a\.json: not JSON/,
    ],
    [
      "data that nothing reaches",
      { "data/common.yaml": "web::a: 1\n", "data/node/x.yaml": "web::a: 2\n" },
      /^warning puppet\/web\/data\/node\/x\.yaml: no level/,
    ],
    [
      "a configuration of version 3",
      { "hiera.yaml": ":hierarchy: [x]\n" },
      /^warning .* version 3/,
    ],
    ["one of version 4", { "hiera.yaml": "version: 4\n" }, /^warning .* version 4/],
    ["one of version 6", { "hiera.yaml": "version: 6\n" }, /^error .* version 6/],
    ["a configuration that is no YAML", { "hiera.yaml": "a: b: c\n" }, /^error .* not YAML/],
    ["a configuration that is a list", { "hiera.yaml": "- a\n" }, /^warning .* ignores it/],
  ];

describe("a module's data", () => {
  for (const [name, files, expected] of cases) {
    it(`${expected === undefined ? "is taken with" : "is told of"} ${name}`, async () => {
      const lines = await told(files);
      assert.equal(lines.length, expected === undefined ? 0 : 1, lines.join("\n"));
      if (expected !== undefined) assert.match(lines[0] ?? "", expected);
    });
  }
});

import assert from "node:assert/strict";
import { checkModuleData } from "../../src/recipe/puppet/module-data.ts";

/** A configuration for data without one. */
const common = "version: 5\n";

async function told(given: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const files = "nothing" in given ? given : { "hiera.yaml": common, ...given };
  const texts = Object.entries(files).map(([path, text]) => ({
    path,
    text: () => Promise.resolve(text),
  }));
  const problems = await checkModuleData(texts, "puppet/web/");
  return problems.map(({ severity, origin, message }) => `${severity} ${origin}: ${message}`);
}

const five = (levels: string): string => `version: 5\nhierarchy:\n${levels}`;

/** Files of a module, and its problem: none, or one line. */
const cases: readonly (readonly [string, Readonly<Record<string, string>>, RegExp | undefined])[] =
  [
    ["data of the usual configuration", { "data/common.yaml": "web::a: 1\n" }, undefined],
    ["neither data nor configuration", { nothing: "" }, undefined],
    [
      "data without configuration",
      { nothing: "", "data/common.yaml": "web::a: 1\n" },
      /^warning puppet\/web\/hiera\.yaml: missing: Puppet does not read the module's folder data\//,
    ],
    [
      "options of lookups, and values that merge others",
      { "data/common.yaml": "lookup_options: {}\nweb::a: &x {b: 1}\nweb::c: {<<: *x}\n" },
      undefined,
    ],
    [
      "keys that are not the module's",
      { "data/common.yaml": "greeting: a\nother::b: 1\nweb::c: 1\n" },
      /^warning puppet\/web\/data\/common\.yaml: "greeting", "other::b": .* expected web::NAME$/,
    ],
    [
      "the same in JSON",
      {
        "hiera.yaml": five("  - name: a\n    path: a.json\n    data_hash: json_data\n"),
        "data/a.json": '{"greeting": 1}',
      },
      /^warning puppet\/web\/data\/a\.json: "greeting": /,
    ],
    [
      "a date",
      { "data/common.yaml": "web::a: 2026-01-05\n" },
      /^error .*: 2026-01-05: a date: Puppet rejects such a value, expected it in quotes$/,
    ],
    [
      "a time",
      { "data/common.yaml": "web::a: [2026-01-05 10:00:00]\n" },
      /^error .* a date: Puppet rejects/,
    ],
    ["a date in quotes", { "data/common.yaml": "web::a: '2026-01-05'\n" }, undefined],
    ["tags of its own", { "data/common.yaml": "web::a: !own x\n" }, undefined],
    [
      "an object of Ruby",
      { "data/common.yaml": "web::a: !ruby/object:Foo {}\n" },
      /^error .*: !ruby\/object:Foo: Puppet rejects/,
    ],
    ["symbols of Ruby", { "data/common.yaml": "web::a: !ruby/sym b\n" }, undefined],
    ["an empty hierarchy", { "hiera.yaml": "version: 5\ndefaults:\nhierarchy:\n" }, undefined],
    [
      "levels that are aliases or merge others",
      {
        "hiera.yaml": five(
          "  - &a {name: a, path: common.yaml}\n  - {<<: *a, name: b}\ndefault_hierarchy: [*a]\n",
        ),
      },
      undefined,
    ],
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
    ...(
      [
        ["a version that is text", "version: '5'\n", /version: expected the number 5, found "5"$/],
        ...["5.0", "5.", "5e0", "5.5", "+5.0", "4.0", "3.0", "6.0"].map(
          (version) =>
            [
              `the version ${version}`,
              `version: ${version}\nhierarchy: []\n`,
              /version: expected the whole number 5, found [+\d.e]+$/,
            ] as const,
        ),
        ["a setting that there is not", "version: 5\nhierarchie: []\n", /"hierarchie" is not a/],
        ["a level without a name", five("  - path: a.yaml\n"), /level 1: no name$/],
        [
          "a name twice",
          five("  - name: a\n  - name: a\n"),
          /level 2: the name "a" is used twice$/,
        ],
        [
          "a text for a list",
          five("  - name: a\n    paths: b\n"),
          /paths: expected a list of texts$/,
        ],
        ["a list for a text", five("  - name: a\n    path: [b]\n"), /path: expected a text$/],
        ["too few paths to map", five("  - name: a\n    mapped_paths: [a]\n"), /of three texts$/],
        [
          "two places",
          five("  - name: a\n    path: b\n    glob: c\n"),
          /path and glob, expected one of them$/,
        ],
        [
          "two functions",
          five("  - name: a\n    data_hash: yaml_data\n    lookup_key: b\n"),
          /data_hash and lookup_key, expected one of them$/,
        ],
        [
          "defaults that name no function",
          "version: 5\ndefaults:\n  datadir: data\nhierarchy:\n  - name: a\n",
          /hierarchy, level 1: no data_hash, lookup_key or data_dig, here or in defaults$/,
        ],
        [
          "a backend of Hiera 3",
          five("  - name: a\n    data_hash: yaml_data\n    hiera3_backend: b\n"),
          /"hiera3_backend" is not a setting/,
        ],
        ["a map for a hierarchy", "version: 5\nhierarchy: {a: b}\n", /expected a list of levels$/],
        ["a word for a level", five("  - a\n"), /level 1: expected settings$/],
        ["a word for defaults", "version: 5\ndefaults: a\n", /defaults: expected settings$/],
      ] as const
    ).map(
      ([what, text, fault]) =>
        [
          what,
          { "hiera.yaml": text },
          new RegExp(`^error .*hiera.yaml: .*${fault.source}`),
        ] as const,
    ),
    ...["0x5", "05", "0b101", "+5"].map(
      (version) =>
        [`the version ${version}`, { "hiera.yaml": `version: ${version}\n` }, undefined] as const,
    ),
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
      /^warning puppet\/web\/data\/common\.yaml: expected a map/,
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
    [
      "a configuration that is a list",
      { "hiera.yaml": "- a\n" },
      /^warning .* Puppet ignores the file/,
    ],
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

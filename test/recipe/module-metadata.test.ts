import assert from "node:assert/strict";
import { parseMetadata } from "../../src/recipe/puppet/module-metadata.ts";
import { testContext } from "../support/context.ts";

const usual = {
  name: "example-web",
  version: "1.0.0",
  author: "Example",
  license: "Apache-2.0",
  summary: "Serves a page",
  source: "",
  dependencies: [] as readonly unknown[],
};

const without = (field: keyof typeof usual): string => {
  const { [field]: _left, ...rest } = usual;
  return JSON.stringify(rest);
};
const withField = (field: string, value: unknown): string =>
  JSON.stringify({ ...usual, [field]: value });

const odd: readonly unknown[] = [null, "", 5, [], {}, true, ["x"]];
const names = [
  "example/web",
  "web",
  "Example-Web",
  "a-b-c",
  "other-foo",
  "-web",
  "example-9web",
  5,
];
const versions = ["1", "1.0", "1.0.0-rc1", "v1.0.0", "01.0.0", "x"];
const dependencies: readonly unknown[] = [
  { name: "puppetlabs/stdlib" },
  { name: "puppetlabs-stdlib", version_requirement: ">= 1.0.0 < 9.0.0" },
  { name: "puppetlabs/stdlib", version_requirement: "rubbish" },
  { name: "stdlib", version_requirement: null },
  { version_requirement: ">= 1" },
  { name: 5 },
  {},
  "puppetlabs/stdlib",
  null,
  [],
  5,
];
const json = JSON.stringify(usual);

/** Everything that a metadata.json may be, property by property. */
const texts: readonly string[] = [
  json,
  ...(Object.keys(usual) as (keyof typeof usual)[]).flatMap((field) => [
    without(field),
    ...odd.map((value) => withField(field, value)),
  ]),
  ...names.map((name) => withField("name", name)),
  ...versions.map((version) => withField("version", version)),
  ...dependencies.map((one) => withField("dependencies", [one])),
  withField("requirements", "x"),
  "{}",
  "[]",
  "[1]",
  "null",
  "",
  "{",
  `\ufeff${json}`,
  `${json}x`,
  `${json.slice(0, -1)},}`,
  `/* why */ ${json} // and so on\n`,
  withField("source", "http://example.com/ /* no comment */ // none"),
  `{"x": ${"[".repeat(120)}${"]".repeat(120)}, ${json.slice(1)}`,
  `{"name": "a-b", ${json.slice(1)}`,
];

/** Puppet 8 is as strict by default as Puppet 7 with its strictest settings. */
const ASK = `
require "puppet"; require "json"; require "tmpdir"
Dir.mktmpdir do |home|
  Puppet.initialize_settings(["--confdir", home, "--vardir", home])
  Puppet[:strict] = :error
  verdicts = JSON.parse(STDIN.read).map do |text|
    Dir.mktmpdir do |folder|
      Dir.mkdir("#{folder}/web")
      File.write("#{folder}/web/metadata.json", text)
      begin
        Puppet::Module.new("web", "#{folder}/web", Puppet::Node::Environment.create(:production, [folder]))
        true
      rescue StandardError
        false
      end
    end
  end
  puts JSON.generate(verdicts)
end
`;

const errorsOf = (text: string): readonly string[] =>
  parseMetadata(text, { origin: "metadata.json", module: "web" })
    .problems.filter(({ severity }) => severity === "error")
    .map(({ message }) => message);

describe("a module's metadata", () => {
  it("is taken when Puppet itself loads it, and only then", async () => {
    const { stdout } = await testContext().run("ruby", ["-e", ASK], {
      input: JSON.stringify(texts),
    });
    const verdicts: readonly boolean[] = JSON.parse(stdout);
    assert.ok(verdicts.includes(true) && verdicts.includes(false));
    const differing = texts.filter(
      (text, index) => (errorsOf(text).length === 0) !== verdicts[index],
    );
    assert.deepEqual(differing, []);
  });

  it("metadata that Puppet's Forge would refuse is reported", () => {
    for (const [field, value, told] of [
      ["name", "web", /expected AUTHOR-web/],
      ["name", "example-db", /differs from the module's folder/],
      ["version", "1.0", /semantic version/],
    ] as const) {
      const { problems, metadata } = parseMetadata(withField(field, value), {
        origin: "metadata.json",
        module: "web",
      });
      assert.ok(metadata);
      assert.deepEqual(
        problems.map(({ severity }) => severity),
        ["warning"],
      );
      assert.match(problems[0]?.message ?? "", told);
    }
  });

  it("names what the module needs, whichever way it is written", () => {
    const needs = [
      { name: "puppetlabs-stdlib", version_requirement: ">= 1.0.0" },
      { name: "puppet/nginx" },
    ];
    const { metadata } = parseMetadata(withField("dependencies", needs), {
      origin: "metadata.json",
      module: "web",
    });
    assert.deepEqual(metadata?.dependencies, [
      { name: "puppetlabs/stdlib", module: "stdlib", versions: ">= 1.0.0" },
      { name: "puppet/nginx", module: "nginx", versions: undefined },
    ]);
  });

  it("brings no control character and no line end into a package", () => {
    const { metadata } = parseMetadata(withField("license", "MIT\n\u001b]0;x\u0007"), {
      origin: "metadata.json",
      module: "web",
    });
    assert.equal(metadata?.license, "MIT ]0;x");
  });
});

import assert from "node:assert/strict";
import type { RecipeParameter } from "../../src/recipe/parameters/model.ts";
import { layerOfArguments, parseLayer } from "../../src/recipe/parameters/parameter-layer.ts";
import { parseParameters } from "../../src/recipe/parameters/parse-parameters.ts";
import { resolveParameters } from "../../src/recipe/parameters/resolve-parameters.ts";

const sound = `
# What the site says.
- name: mail_hub
  required: true
  description: Host that takes outgoing mail
  pattern: '[a-z0-9.-]+'
- { name: workers, type: integer, default: 4 }
- { name: debug, type: boolean, default: false }
- { name: edition, type: enum, values: [small, large], default: small }
- { name: password, secret: true }
`;

function parameters(): readonly RecipeParameter[] {
  const { parameters: all, problems } = parseParameters(sound, "parameters.yaml");
  assert.deepEqual(problems, []);
  return all;
}

describe("parseParameters", () => {
  it("reads names, types, defaults and the rest", () => {
    assert.deepEqual(
      parameters().map(({ name, type, default: value, required, secret, line }) => [
        name,
        type,
        value,
        required,
        secret,
        line,
      ]),
      [
        ["mail_hub", "string", undefined, true, false, 3],
        ["workers", "integer", 4, false, false, 7],
        ["debug", "boolean", false, false, false, 8],
        ["edition", "enum", "small", false, false, 9],
        ["password", "string", undefined, false, true, 10],
      ],
    );
  });

  const bad: readonly (readonly [string, readonly string[]])[] = [
    ["{}", ["1 parameters-bad"]],
    ["- x", ["1 parameter-bad"]],
    ["- {}", ["1 parameter-name"]],
    ["- { name: Mail }", ["1 parameter-name"]],
    ["- { name: class }\n- { name: node }", ["2 parameter-name"]],
    ["- { name: a, type: float }", ["1 field"]],
    ["- { name: a, required: yes }", ["1 field"]],
    ["- { name: a, flavour: mild }", ["1 field-unknown"]],
    ["- { name: a }\n- { name: a }", ["2 parameter-repeated"]],
    ["- { name: a, name: b }", ["1 yaml"]],
    ["- { name: a, type: enum }", ["1 field"]],
    ["- { name: a, values: [x] }", ["1 field"]],
    ["- { name: a, type: enum, values: [x, 1] }", ["1 field"]],
    ["- { name: a, type: integer, default: '4' }", ["1 default-bad"]],
    ["- { name: a, default: 0123 }", ["1 default-bad"]],
    ["- { name: a, default: 3, required: true }", ["1 default-bad", "1 default-bad"]],
    ["- { name: a, secret: true, default: x }", ["1 default-bad"]],
    ["- { name: a, pattern: '(' }", ["1 pattern-bad"]],
    [`- { name: a, pattern: '${"a".repeat(201)}' }`, ["1 pattern-bad"]],
    ["- { name: a, pattern: '[a-z]+', default: A }", ["1 default-bad"]],
    ["- { name: a, pattern: 'x|y', default: xz }", ["1 default-bad"]],
    ["- &a { name: a }\n- *a", ["1 yaml-alias"]],
    ["- !!js/function 'x'", ["1 yaml"]],
    ["- { name: a\n", ["2 yaml"]],
    ["--- []\n--- []\n", ["2 yaml"]],
    [`- ${"[".repeat(60)}${"]".repeat(60)}`, ["1 yaml-deep"]],
    [`# ${"x".repeat(300_000)}`, ["undefined too-large"]],
  ];
  for (const [text, expected] of bad) {
    it(`refuses ${JSON.stringify(text.slice(0, 60))}: ${expected.join(", ")}`, () => {
      const { problems } = parseParameters(text, "parameters.yaml");
      assert.deepEqual(problems.map(({ line, code }) => `${line} ${code}`).sort(), expected);
    });
  }
});

describe("resolveParameters", () => {
  const site = parseLayer("mail_hub: mail.example.com\nelsewhere: 1\n", {
    origin: "parameters.d/10-site.yaml",
    shared: true,
  }).layer;
  const recipe = parseLayer("workers: 8\ndebug: true\n", {
    origin: "recipes/web.yaml",
    shared: false,
  }).layer;
  const set = layerOfArguments(["workers=16", "debug=false", "password=a=b"], "--set").layer;

  it("the last layer takes precedence, and the origin of a value is reported", () => {
    const { values, problems } = resolveParameters(parameters(), [site, recipe, set]);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      values.map(({ parameter, value, origin }) => [parameter.name, value, origin]),
      [
        ["mail_hub", "mail.example.com", "parameters.d/10-site.yaml"],
        ["workers", 16, "--set"],
        ["debug", false, "--set"],
        ["edition", "small", "default"],
        ["password", "a=b", "--set"],
      ],
    );
  });

  it("reports all problems at once, and no secret", () => {
    const layers = [
      parseLayer("workers: many\nnobody: 1\n", { origin: "recipes/web.yaml", shared: false }).layer,
      layerOfArguments(["debug=yes", "edition=huge", "password=\u0001hush"], "--set").layer,
    ];
    const { missing, problems } = resolveParameters(parameters(), layers);
    assert.deepEqual(
      problems.map(({ origin, line, code }) => [origin, line, code]),
      [
        ["recipes/web.yaml", 1, "parameter-mismatch"],
        ["recipes/web.yaml", 2, "parameter-unknown"],
        ["--set", undefined, "parameter-mismatch"],
        ["--set", undefined, "parameter-mismatch"],
        ["--set", undefined, "parameter-mismatch"],
        ["parameters", undefined, "parameter-missing"],
      ],
    );
    assert.deepEqual(
      missing.map(({ name }) => name),
      ["mail_hub"],
    );
    assert.doesNotMatch(JSON.stringify(problems), /hush/);
  });

  it("a required parameter with an invalid value is not reported as missing", () => {
    const { layer } = layerOfArguments(["mail_hub=not a host"], "--set");
    const { missing, problems } = resolveParameters(parameters(), [layer]);
    assert.deepEqual(missing, []);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ["parameter-mismatch"],
    );
  });

  it("keeps the type that was declared", () => {
    const [, workers] = parameters();
    assert.ok(workers !== undefined);
    for (const text of ["1e3", "0x10", "", "99999999999999999999", "1 "]) {
      const { problems } = resolveParameters(
        [workers],
        [layerOfArguments([`workers=${text}`], "--set").layer],
      );
      assert.equal(problems.length, 1, text);
    }
    assert.equal(layerOfArguments(["workers"], "--set").problems.length, 1);
    assert.equal(layerOfArguments(["=x"], "--set").problems.length, 1);
  });

  it("stops a pattern that would match for ever", () => {
    const { parameters: slow } = parseParameters("- { name: a, pattern: '(x+)+y' }", "p.yaml");
    const { problems } = resolveParameters(slow, [
      layerOfArguments([`a=${"x".repeat(4000)}`], "--set").layer,
    ]);
    assert.match(problems[0]?.message ?? "", /takes too long/);
  });

  it("refuses layers that are no map of single values", () => {
    for (const text of ["[]", "a: [1]", "a: { b: 1 }", "a: ~", "a: 1\na: 2"]) {
      const { problems } = parseLayer(text, { origin: "x.yaml", shared: true });
      assert.equal(problems.length, 1, text);
    }
  });
});

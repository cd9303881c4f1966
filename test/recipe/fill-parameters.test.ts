import assert from "node:assert/strict";
import { type ComposedKickstart, composeKickstart } from "../../src/recipe/compose/compose.ts";
import { parseKickstart } from "../../src/recipe/kickstart/parse-kickstart.ts";
import { layerOfArguments } from "../../src/recipe/parameters/parameter-layer.ts";
import { parseParameters } from "../../src/recipe/parameters/parse-parameters.ts";
import { resolveParameters } from "../../src/recipe/parameters/resolve-parameters.ts";
import type { ParameterValues } from "../../src/recipe/compose/fill-parameters.ts";
import { testContext } from "../support/context.ts";
import { composeInput, layout } from "../fixtures/compose-input.ts";

const { run } = testContext();

const { parameters: declared } = parseParameters(
  "- { name: a }\n- { name: token, secret: true }\n- { name: must, required: true }\n",
  "parameters.yaml",
);

function valuesOf(...settings: readonly string[]): ParameterValues {
  const { layer } = layerOfArguments(settings, "--set");
  return { declared, values: resolveParameters(declared, [layer]).values };
}

function compose(recipe: string, ...settings: readonly string[]): ComposedKickstart {
  return composeKickstart(
    composeInput({ recipe: layout + recipe }, { parameters: valuesOf(...settings) }),
  );
}

/** Values that would be code somewhere; none holds a line end. */
const hostile = [
  "'; touch /tmp/owned; '",
  "$(touch /tmp/owned)",
  "a b",
  'x" --iscrypted "y',
  "# comment",
  "@@token@@",
  "\\",
  "é'\"",
];

describe("parameters in a kickstart", () => {
  it("a filled-in value stays one word of a command", () => {
    for (const value of hostile) {
      const { text, problems } = compose(
        "repo --name=x --baseurl=http://h/@@a@@/os\n",
        `a=${value}`,
      );
      assert.deepEqual(problems, [], value);
      const items = parseKickstart(text, "x").kickstart.items;
      const repo = items.find((item) => item.kind === "command" && item.name === "repo");
      assert.ok(repo?.kind === "command");
      assert.deepEqual(
        repo.words.map((word) => word.value),
        ["repo", "--name=x", `--baseurl=http://h/${value}/os`],
      );
    }
  });

  it("problems never show a secret", () => {
    const bad = [
      "url --url=http://h/@@token@@/os\n",
      "bootloader --location=@@token@@\n",
      "services --enabled=@@token@@\n",
      "repo --name=@@token@@ --cost=@@token@@ --baseurl=http://h/\n",
    ];
    for (const text of bad) {
      const { problems, maskedText } = compose(text, "token=hunter2");
      assert.ok(
        problems.some(({ severity }) => severity === "error"),
        text,
      );
      assert.doesNotMatch(JSON.stringify(problems) + maskedText, /hunter2/, text);
    }
  });

  it("are variables in scripts, which the real shell reads as they are", async () => {
    const values = [...hostile, "\n%end\n%post\ntouch /tmp/owned\n", "a\nb\n", ""];
    for (const value of values) {
      const { text, problems } = compose(`%post\nprintf '%s' "$va_a"\n%end\n`, `a=${value}`);
      assert.deepEqual(problems, [], value);
      const { kickstart, problems: faults } = parseKickstart(text, "x");
      assert.deepEqual(faults, []);
      const sections = kickstart.items.filter((item) => item.kind === "section");
      assert.equal(sections.length, 1, value);
      const script = sections[0]?.body.map((line) => line.text).join("") ?? "";
      assert.equal((await run("sh", ["-s"], { input: script })).stdout, value);
    }
  });

  /** A place, a value, and the code of its problem. */
  const refused: readonly (readonly [string, string, string])[] = [
    ["repo --name=@@a@@ --baseurl=http://h\n", "x\nrootpw y", "value-unusable"],
    ["logvol @@a@@ --vgname=x --name=x --size=1\n", "--grow", "value-unusable"],
    ["mount @@a@@ /srv\n", "%end", "value-unusable"],
    ["%packages\n@@a@@\n%end\n", "-httpd", "value-unusable"],
    ["%packages\n@@a@@\n%end\n", "%end", "value-unusable"],
    ["%packages\nx\n@@a@@\n%end\n", "x y", "value-unusable"],
    ["%addon x\n@@a@@\n%end\n", "%end", "value-unusable"],
    ["%addon x\nk=@@a@@\n%end\n", "1\n%end", "value-unusable"],
    ["@@a@@ --x\n", "part", "placeholder-place"],
    ["%include /tmp/@@a@@\n", "x", "placeholder-place"],
    ["%post\necho @@a@@\n%end\n", "x", "placeholder-place"],
    ["%post --interpreter=/usr/bin/python3\nprint(va_a)\n%end\n", "x", "placeholder-place"],
    ["repo --name=@@b@@\n", "x", "placeholder-unknown"],
    ["services --enabled=@@token@@\n", "x", "placeholder-place"],
  ];
  for (const [recipe, value, code] of refused) {
    it(`refuses ${JSON.stringify(value)} in ${JSON.stringify(recipe)}: ${code}`, () => {
      const { problems } = compose(recipe, `a=${value}`, "token=t");
      const errors = problems.filter(({ severity }) => severity === "error");
      assert.ok(
        errors.some((each) => each.code === code),
        JSON.stringify(problems),
      );
    });
  }

  it("a parameter without a value is reported once, even if it is required and used", () => {
    const { problems } = compose("repo --name=@@a@@ --baseurl=http://@@must@@\n");
    assert.deepEqual(
      problems.map(({ code }) => code),
      ["placeholder-empty"],
    );
  });

  it("are masked when they are secret, in commands and in scripts", () => {
    const recipe = `repo --name=x --baseurl=http://h/@@token@@
%post --log=/root/@@token@@
echo "$va_token" "$va_a"
%end
`;
    const { text, maskedText } = compose(recipe, "token=hush", "a=open");
    assert.equal(text.match(/hush/g)?.length, 3);
    assert.doesNotMatch(maskedText, /hush/);
    assert.match(maskedText, /va_a='open'\nva_token='\*+'/);
  });
});

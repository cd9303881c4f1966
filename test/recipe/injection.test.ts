import assert from "node:assert/strict";
import * as fc from "fast-check";
import { composeKickstart } from "../../src/recipe/compose/compose.ts";
import { parseKickstart } from "../../src/recipe/kickstart/parse-kickstart.ts";
import type { KickstartItem } from "../../src/recipe/kickstart/model.ts";
import { parseParameters } from "../../src/recipe/parameters/parse-parameters.ts";
import { renderNode } from "../../src/recipe/puppet/node-definition.ts";
import { parse } from "yaml";
import { testContext } from "../support/context.ts";
import { composeInput, layout } from "../fixtures/compose-input.ts";

const { run } = testContext();

const recipe = `${layout}repo --name=x --baseurl=@@v@@
user --name=web --gecos="@@v@@"
%packages
@@v@@
nginx
%end
%post
printf '%s\\0' "$va_v"
%end
`;

const { parameters: declared } = parseParameters("- { name: v, required: true }\n", "p.yaml");
const [declaredParameter] = declared;
assert.ok(declaredParameter);
const parameter = declaredParameter;

function compose(text: string, value: string) {
  const values = [{ parameter, value, origin: "--set" }];
  return composeKickstart(composeInput({ recipe: text }, { parameters: { declared, values } }));
}

/** Texts that would be more than data somewhere. */
const pieces = [
  "'",
  '"',
  "\\",
  "$(touch owned)",
  "`touch owned`",
  "${HOME}",
  "%{facts.kernel}",
  "%end",
  "%post",
  "\n",
  "\r",
  "\t",
  " ",
  "#",
  "--erroronfail",
  "-",
  "@@v@@",
  "@@other@@",
  "<%= `id` %>",
  "<% system('id') -%>",
  "include evil",
  "} exec { '/bin/id': } node x {",
  ": ",
  "- ",
  "&a",
  "*a",
  "!ruby/object:Object",
  "é",
  "a",
  "0",
];
const hostile = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(""));

/** What a kickstart does: its commands and sections by name, packages, and scripts. */
function shape(items: readonly KickstartItem[]): readonly string[] {
  return items.flatMap((item) => {
    if (item.kind === "command") return [`${item.name} ${item.words.length}`];
    return item.kind === "section" ? [`%${item.name} ${item.words.length}`] : [];
  });
}

/** The words of the commands that hold the value, as the installer splits them. */
function wordsOf(text: string, name: string): readonly string[] {
  const { kickstart } = parseKickstart(text, "x.ks");
  const item = kickstart.items.find((each) => each.kind === "command" && each.name === name);
  return item?.kind === "command" ? item.words.map(({ value }) => value) : [];
}

describe("a value that wants to be more", () => {
  const quiet = shape(parseKickstart(compose(recipe, "a").text, "x").kickstart.items);

  it("a hostile value is refused, or stays one word of its command, one package, one variable", async () => {
    const values = fc.sample(hostile, { numRuns: 400, seed: 11 });
    const unpackaged = recipe.replace("@@v@@\nnginx", "a\nnginx");
    let taken = 0;
    for (const [value, document] of values.flatMap((each) => [
      [each, recipe] as const,
      [each, unpackaged] as const,
    ])) {
      const { text, problems } = compose(document, value);
      if (problems.some(({ severity }) => severity === "error")) continue;
      taken++;
      const again = parseKickstart(text, "x.ks");
      assert.deepEqual(again.problems, [], value);
      assert.deepEqual(shape(again.kickstart.items), quiet, value);
      assert.ok(wordsOf(text, "repo").includes(`--baseurl=${value}`), value);
      assert.ok(wordsOf(text, "user").includes(`--gecos=${value}`), value);
    }
    assert.ok(taken > 100, `${taken}`);
  });

  it("reaches scripts as it is, whatever it is", async () => {
    const script = `${layout}%post\nprintf '%s\\0' "$va_v"\n%end\n`;
    // A parameter never has a carriage return: the check of values refuses it.
    const allowed = hostile.filter((value) => !value.includes("\r"));
    const values = fc.sample(allowed, { numRuns: 200, seed: 12 });
    const bodies = values.map((value) => {
      const { text, problems } = compose(script, value);
      assert.deepEqual(
        problems.filter(({ severity }) => severity === "error"),
        [],
        value,
      );
      const { kickstart, problems: form } = parseKickstart(text, "x.ks");
      assert.deepEqual(form, [], value);
      const posts = kickstart.items.filter(
        (item) => item.kind === "section" && item.name === "post",
      );
      assert.equal(posts.length, 1, value);
      const [post] = posts;
      return post?.kind === "section" ? post.body.map((line) => line.text).join("") : "";
    });
    const { stdout } = await run("sh", ["-s"], { input: bodies.join("\n") });
    assert.deepEqual(stdout.split("\0").slice(0, -1), values);
  });

  it("is data in the node's Hiera layer, and nothing of the manifest", () => {
    const values = fc.sample(hostile, { numRuns: 200, seed: 13 });
    for (const value of values) {
      const node = renderNode(
        { certname: "vm1", module: "web", values: [{ parameter, value, origin: "--set" }] },
        { masked: false },
      );
      assert.equal(node.manifest, "node 'vm1' {\n  include web\n}\n");
      const data: unknown = parse(node.data);
      const expected = value.replaceAll("%{", "%{literal('%')}{");
      assert.deepEqual(data, { "web::v": expected }, value);
    }
  });

  it("cannot make up an option, a section or its end together with others, some of them empty", () => {
    const { parameters } = parseParameters(
      "- { name: a }\n- { name: b }\n- { name: c }\n",
      "p.yaml",
    );
    const adjacent = `${layout}authselect select minimal @@a@@@@b@@@@c@@
%addon org_x
@@a@@@@b@@@@c@@
 @@b@@@@c@@
key = @@c@@@@a@@
%end
`;
    const several = (...values: readonly string[]): ReturnType<typeof composeKickstart> => {
      const resolved = parameters.map((each, index) => ({
        parameter: each,
        value: values[index] ?? "",
        origin: "--set",
      }));
      return composeKickstart(
        composeInput(
          { recipe: adjacent },
          { parameters: { declared: parameters, values: resolved } },
        ),
      );
    };
    const plain = shape(parseKickstart(several("a", "b", "c").text, "x").kickstart.items);
    const value = fc.oneof(
      fc.constant(""),
      fc.constantFrom(...pieces, "-", "%", "e", "nd", "addon"),
    );
    let taken = 0;
    for (const values of fc.sample(fc.tuple(value, value, value), { numRuns: 1000, seed: 14 })) {
      const { text, problems } = several(...values);
      if (problems.some(({ severity }) => severity === "error")) continue;
      taken++;
      const said = JSON.stringify(values);
      const again = parseKickstart(text, "x.ks");
      assert.deepEqual(again.problems, [], said);
      assert.deepEqual(shape(again.kickstart.items), plain, said);
      assert.equal(wordsOf(text, "authselect").at(-1), values.join(""), said);
      assert.doesNotMatch(values.join(""), /^[-%#]/, said);
    }
    assert.ok(taken > 100, `${taken}`);
    const { problems } = several("", "", "--force");
    assert.match(problems[0]?.message ?? "", /@@a@@@@b@@@@c@@: its value begins with "-"/);
  });

  it("cannot be a command, an option or an included file", () => {
    for (const text of [
      `${layout}@@v@@ x\n`,
      `${layout}%include @@v@@\n`,
      `${layout}repo @@v@@ --name=x --baseurl=http://a.example.com/\n`,
    ]) {
      const { problems } = compose(text, "--proxy=http://evil.example.com/");
      assert.ok(
        problems.some(({ severity }) => severity === "error"),
        text,
      );
    }
  });
});

import assert from "node:assert/strict";
import { readInstalled } from "../../src/lib/installation.ts";
import { specSources } from "../../src/rpm/spec/spec-sources.ts";
import { fillSpecTemplate, specVariables } from "../../src/rpm/spec/spec-template.ts";
import {
  filesPathProblems,
  shellWord,
  proseProblems,
  scriptProblems,
} from "../../src/rpm/spec/spec-text.ts";
import { packagePlan, textFile } from "../fixtures/package-plan.ts";

const values = Object.fromEntries(
  Object.keys(specVariables).map((name) => [name, name.toLowerCase()]),
) as Record<keyof typeof specVariables, string>;
const every = Object.keys(specVariables).map((name) => `@${name}@`);

describe("the template of a spec", () => {
  it("that is installed has every variable", async () => {
    const text = await readInstalled("spec-templates/package.spec.tmpl");
    assert.match(fillSpecTemplate({ name: "x", text }, values).text, /^%files\nfiles\n/m);
  });

  it("has its variables in docs/rpmbuild.md", async () => {
    const page = await readInstalled("docs/rpmbuild.md");
    const rows = [...page.matchAll(/^\| `@(\w+)@` \| (.*) \|$/gm)].map((row) => row.slice(1));
    assert.deepEqual(rows, Object.entries(specVariables));
  });

  it("is filled in once: a value that looks like a variable stays as it is", () => {
    const text = [...every, "a @NAME@-@VERSION@ b"].join("\n");
    const filled = fillSpecTemplate({ name: "x", text }, { ...values, NAME: "@FILES@" }).text;
    assert.match(filled, /^a @FILES@-version b$/m);
  });

  it("loses the lines of variables without a value", () => {
    const text = ["a", ...every, "x@VERSION@y"].join("\n");
    const filled = fillSpecTemplate({ name: "x", text }, { ...values, EPOCH: "" }).text;
    assert.deepEqual(filled.split("\n").slice(0, 4), ["a", "macros", "name", "version"]);
    assert.match(filled, /^xversiony$/m);
  });

  it("tells for each line of the spec which of its own lines it comes from", () => {
    const text = ["a", ...every, "b"].join("\n");
    const more = { ...values, EPOCH: "", MACROS: "one\ntwo" };
    const { text: spec, lines } = fillSpecTemplate({ name: "x", text }, more);
    assert.deepEqual(lines.slice(0, 5), [1, 2, 2, 3, 5]);
    assert.equal(lines.length, spec.split("\n").length);
    assert.equal(lines.at(-1), every.length + 2);
  });

  it("is refused when a variable of several lines shares its line", () => {
    const text = [...every, "# @NAME@ has @FILES@"].join("\n");
    assert.throws(() => fillSpecTemplate({ name: "own.spec", text }, values), {
      details: [`line ${every.length + 1}: @FILES@ needs a line to itself`],
    });
  });

  it("is refused with every unknown and every missing variable", () => {
    const text = ["@NAM@", ...every.filter((one) => one !== "@FILES@"), "b @X@ @name1@"].join("\n");
    assert.throws(() => fillSpecTemplate({ name: "own.spec", text }, values), {
      code: "RPM_BAD_TEMPLATE",
      message: "own.spec: 4 problems in the template of the spec",
      details: [
        "line 1: @NAM@ is no variable",
        `line ${every.length + 1}: @X@ is no variable`,
        `line ${every.length + 1}: @name1@ is no variable`,
        "@FILES@ is missing",
      ],
    });
  });
});

describe("texts in a spec", () => {
  it("cannot begin a section or a condition", () => {
    assert.deepEqual(proseProblems("description", "100%\n%50 off\na %files #\n"), []);
    assert.deepEqual(scriptProblems("post", "# a\n"), []);
    assert.deepEqual(proseProblems("description", "a\n  %If 1\n%files\n #"), [
      "description: line 2 begins with %If, which a spec takes for a directive",
      "description: line 3 begins with %files, which a spec takes for a directive",
      "description: line 4 begins with #, which a spec takes for a comment",
    ]);
  });

  it("are words of the shell", () => {
    assert.equal(shellWord("a'b %{x} $y"), String.raw`'a'\''b %%{x} $y'`);
  });

  it("are paths without wildcards and macros", () => {
    assert.deepEqual(filesPathProblems("/a b/é'$~^"), []);
    for (const one of '"%*?[]{}'.split("").concat("\\"))
      assert.deepEqual(filesPathProblems(`/a${one}`), [
        `/a${one}: %files of a spec cannot name a path with ${one}`,
      ]);
  });
});

describe("sources of a spec", () => {
  it("have plain names, each once", () => {
    const entries = ["/a/x", "/b/x", "/b/y z", "/b/-e", `/c/${"n".repeat(250)}`].map((at) =>
      textFile(at, ""),
    );
    assert.deepEqual(
      specSources(packagePlan({ entries })).map(({ name }) => name),
      ["x", "1-x", "y_z", "3--e", `4-${"n".repeat(200)}`],
    );
  });

  it("never have the name of the spec, or a name that another was numbered to", () => {
    const entries = ["/a/2-x", "/b/x", "/c/x", "/d/example-appliance.spec"].map((at) =>
      textFile(at, ""),
    );
    assert.deepEqual(
      specSources(packagePlan({ entries })).map(({ name }) => name),
      ["2-x", "x", "3-x", "3-example-appliance.spec"],
    );
  });
});

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import * as fc from "fast-check";
import { parse } from "yaml";
import {
  quoteHiera,
  quotePuppet,
  quoteShell,
  quoteShellOnOneLine,
  quoteYaml,
} from "../../src/recipe/parameters/quote.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

const { run } = testContext();

/** Values that try to get out of their quotes. */
const hostile = [
  "",
  "'",
  '"',
  "\\",
  "\\'",
  "'; touch /tmp/owned; '",
  "$(touch /tmp/owned)",
  "`touch /tmp/owned`",
  "${HOME}",
  "!history",
  "a\nb",
  "\n",
  "\n%end\n%post\ntouch /tmp/owned\n",
  "' } exec { '/bin/touch /tmp/owned': } $x = '",
  "${facts['kernel']}",
  "%{facts.kernel}",
  "%{lookup('x')}",
  "%%{%{literal('%')}{",
  "true",
  "~",
  "0x10",
  "1e3",
  "yes",
  "- a",
  "a: b",
  "# comment",
  "*alias",
  "&anchor",
  "!tag",
  "|",
  "\u0085\u2028\u2029\ufeff",
  "\u{1f600}é漢",
];

const anyText = fc
  .string({ unit: "grapheme", maxLength: 40 })
  .filter((text) => !text.includes("\0"));
const tricky = fc
  .array(fc.constantFrom("'", '"', "\\", "$", "`", "%{", "}", "\n", " ", "a", "%", "#"), {
    maxLength: 12,
  })
  .map((pieces) => pieces.join(""));

function samples(count: number): readonly string[] {
  const arbitrary = fc.oneof(anyText, tricky);
  return [...hostile, ...fc.sample(arbitrary, { numRuns: count, seed: 3 })];
}

describe("quoteShell", () => {
  it("is one word for the real shell, whatever is in it", async () => {
    const values = samples(400);
    const script = values.map((value) => `printf '%s\\0' ${quoteShell(value)}\n`).join("");
    const { stdout } = await run("sh", ["-s"], { input: script });
    assert.deepEqual(stdout.split("\0").slice(0, -1), values);
  });

  it("a value quoted for a script in a kickstart is one line with the same meaning", async () => {
    const values = samples(400);
    const words = values.map(quoteShellOnOneLine);
    assert.deepEqual(
      words.filter((word) => word.includes("\n")),
      [],
    );
    const script = [
      "va_newline=$(printf '\\n_') va_newline=${va_newline%_}",
      ...words.map((word) => `printf '%s\\0' ${word}`),
    ].join("\n");
    const { stdout } = await run("sh", ["-s"], { input: script });
    assert.deepEqual(stdout.split("\0").slice(0, -1), values);
  });

  it("refuses what no shell can hold", () => {
    assert.throws(() => quoteShell("a\0b"), TypeError);
  });
});

describe("quoteYaml", () => {
  const values = [...samples(400), 0, -17, true, false];

  it("is the same value of the same type for YAML 1.2", () => {
    const document = values.map((value) => `- ${quoteYaml(value)}\n`).join("");
    assert.deepEqual(parse(document), values);
  });

  it("is so for Ruby's YAML 1.1, which Puppet uses", async () => {
    const document = values.map((value) => `- ${quoteYaml(value)}\n`).join("");
    const ruby = ["-ryaml", "-rjson", "-e", "puts JSON.generate(YAML.safe_load($stdin.read))"];
    const { stdout } = await run("ruby", [...ruby], {
      input: document,
      env: { LC_ALL: "C.UTF-8" },
    });
    assert.deepEqual(JSON.parse(stdout), values);
  });
});

describe("values in Puppet", () => {
  const folder = temporaryFolder({ per: "test" });
  /** Applies a manifest with the real Puppet, which leaves the value of `$values` as JSON. */
  async function apply(values: string, extra: readonly string[] = []): Promise<unknown> {
    const target = path.join(folder, "values.json");
    const manifest = `$values = ${values}
      file { '${target}': content => inline_template('<%= require "json"; JSON.generate(@values) %>') }`;
    await writeFile(path.join(folder, "site.pp"), manifest);
    const places = ["--confdir", folder, "--vardir", `${folder}/var`, "--codedir", folder];
    await run("puppet", ["apply", ...places, ...extra, path.join(folder, "site.pp")], {
      env: { HOME: folder, LC_ALL: "C.UTF-8" },
    });
    return JSON.parse(await readFile(target, "utf8"));
  }

  it("are what they were, as code", async () => {
    const values = [...samples(200), 12, true];
    assert.deepEqual(await apply(`[${values.map(quotePuppet).join(", ")}]`), values);
  });

  it("are what they were, as Hiera data: nothing is interpolated", async () => {
    const values = samples(200);
    const data = values.map((value, index) => `key${index}: ${quoteHiera(value)}\n`).join("");
    await writeFile(path.join(folder, "common.yaml"), data);
    const hiera = path.join(folder, "hiera.yaml");
    await writeFile(
      hiera,
      `version: 5\ndefaults: { datadir: "${folder}", data_hash: yaml_data }\nhierarchy: [{ name: all, path: common.yaml }]\n`,
    );
    const lookups = values.map((_, index) => `lookup('key${index}')`).join(", ");
    assert.deepEqual(await apply(`[${lookups}]`, ["--hiera_config", hiera]), values);
  });
});

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describeCommand, type CommandDescription } from "../src/cli/help/describe-command.ts";
import { renderManual } from "../src/cli/help/render-manual.ts";
import { commands } from "../src/cli/commands.ts";
import { errorCodes } from "../src/errors.ts";

const root = path.join(import.meta.dirname, "..");

/** Words that readers stumble over, and what to write in their place. */
const tics: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bunless (?:it is |they are )?(?:told|said)\b/i, '"default: …"'],
  [/\bof ours\b/i, '"made by virt-appliance"'],
  [/\bof (?:before|then)\b/i, '"previous", "before the update"'],
  [/\bof (?:its|their|his|your) own\b/i, '"its own …"'],
  [/\b(?:is|are|was|were|be) told\b/i, '"is reported", or who reads it'],
  [/\b(?:is|are|was|were|be) said\b/i, '"is printed", "is reported"'],
  [/\b(?:goes|stays|befalls?)\b/i, '"is deleted", "is kept", "happens to"'],
  [/\bdisks? (?:go|stay)\b/i, '"are deleted", "are kept"'],
  [/\b(?:speaks? (?:for|of)|hears? of)\b/i, '"takes precedence over", "reads"'],
  [/\bmakes? good\b/i, '"repairs"'],
  [/\b(?:whoever|nobody's)\b/i, "the subject itself"],
  [/\bverbs?\b/i, '"command"'],
  [/\bwish(?:es)?\b/i, '"options", "request"'],
  [/\b(?:deaf|wakers)\b/i, '"cannot shut down", "resume hints"'],
  [/\bbut for\b/i, '"except"'],
  [/\bthat there (?:is|are)\b/i, '"existing"'],
  [/\bhas? the records? follow\b/i, '"updates the record"'],
  [/\bas ever\b/i, "nothing"],
  [/\b(?:taken?|takes) back\b/i, '"rolled back", "undone"'],
  [/\bhalf-(?:made|done)\b/i, '"incomplete"'],
  [/\bgives? way\b/i, '"is overridden by"'],
  [/\bis there (?:already|twice)\b/i, '"already exists", "appears twice"'],
  [/\bwhich is gone\b/i, '"which is missing"'],
  [/\bsay --[a-z]/, '"use --…"'],
  [/\bbegun\b/i, '"started"'],
  [/\banswers (?:the|a|an|whether|what|where|how)\b/i, '"returns"'],
];

/** Lines where such a word is the right one. */
const allowed: readonly RegExp[] = [
  // A path or a value is not kept, it is inside.
  /\bstays inside its word\b/,
  // The table of docs/updates.md repeats the rules of src/host/update/domain-rules.ts word for word.
  /^\| `…` \| (?:administrator|descriptor|virt-appliance) \|/,
];

interface Text {
  readonly place: string;
  readonly text: string;
}

/** Takes code out of a page: what a program prints or reads is not prose. Lines keep their numbers. */
function proseOf(page: string): string {
  return page
    .replaceAll(/^```.*?^```/gms, (block) => "\n".repeat(block.split("\n").length - 1))
    .replaceAll(/`[^`\n]*`/g, "`…`");
}

/** Returns the first section of CHANGELOG.md below its head; what was released is not rewritten. */
function unreleased(changelog: string): string {
  return changelog.split(/^## (?!Unreleased)/m)[0] ?? "";
}

async function pages(): Promise<readonly Text[]> {
  const found = await Promise.all(
    ["docs", "examples", "keys", "spec-templates"].map(async (folder) =>
      (await readdir(path.join(root, folder), { recursive: true })).map(
        (name) => `${folder}/${name}`,
      ),
    ),
  );
  const names = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "DESIGN.md",
    ...found
      .flat()
      .filter((name) => name.endsWith(".md"))
      .sort(),
  ];
  const texts: Text[] = [];
  for (const name of names) {
    const page = await readFile(path.join(root, name), "utf8");
    const prose = proseOf(name === "CHANGELOG.md" ? unreleased(page) : page);
    for (const [index, text] of prose.split("\n").entries())
      texts.push({ place: `${name}:${index + 1}`, text });
  }
  return texts;
}

function textsOf(command: CommandDescription): readonly Text[] {
  const { name, summary, positionals, options, examples, commands: members } = command;
  return [
    { place: name, text: summary },
    ...positionals.map((each) => ({ place: `${name} <${each.name}>`, text: each.describe })),
    ...options.map((each) => ({ place: `${name} --${each.name}`, text: each.describe })),
    ...examples.map(([line, text]) => ({ place: line, text })),
    ...members.flatMap(textsOf),
  ];
}

async function helpTexts(): Promise<readonly Text[]> {
  const described = await Promise.all(commands.map((entry) => describeCommand(entry)));
  return described.flatMap(textsOf);
}

/** Returns what a source file says in its strings: literals of several words, without what is filled in. */
function stringsOf(source: string): readonly (readonly [line: number, text: string])[] {
  return source.split("\n").flatMap((line, index) => {
    if (/^\s*(?:\/\/|\/?\*|import\b)/.test(line)) return [];
    const literals = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|`([^`]*)`/g)];
    return literals
      .map((literal) => (literal[1] ?? literal[2] ?? "").replaceAll(/\$\{[^}]*\}/g, "…"))
      .filter((text) => text.includes(" "))
      .map((text) => [index + 1, text] as const);
  });
}

async function messages(): Promise<readonly Text[]> {
  const names = (await readdir(path.join(root, "src"), { recursive: true })).filter((name) =>
    name.endsWith(".ts"),
  );
  const texts = await Promise.all(
    names
      .sort()
      .map(async (name) =>
        stringsOf(await readFile(path.join(root, "src", name), "utf8")).map(
          ([line, text]): Text => ({ place: `src/${name}:${line}`, text }),
        ),
      ),
  );
  return texts.flat();
}

/** Folders whose comments are held to plain words. */
const commented = ["bench", "examples", "spec-templates", "src", "test", "tools"] as const;

/** Returns the comments of a program: lines that are nothing else, and the ends of lines of TypeScript. */
function commentsOf(name: string, source: string): readonly (readonly [number, string])[] {
  const whole = name.endsWith(".ts")
    ? /^\s*(?:\/\/|\/?\*)(.*)|\s\/\/ (.*)$/
    : /^\s*(?:#(?!!)|\/\/)(.*)/;
  return source.split("\n").flatMap((line, index) => {
    const found = whole.exec(line);
    const text = found?.[1] ?? found?.[2];
    return text === undefined
      ? []
      : [[index + 1, text.replaceAll(/`[^`]*`|@param \S+/g, "`…`")] as const];
  });
}

async function comments(): Promise<readonly Text[]> {
  const texts: Text[] = [];
  for (const folder of commented) {
    const entries = await readdir(path.join(root, folder), {
      recursive: true,
      withFileTypes: true,
    });
    for (const entry of entries) {
      if (!entry.isFile() || /\.(?:md|json|svg|tsv)$/.test(entry.name)) continue;
      const file = path.join(entry.parentPath, entry.name);
      if (file === import.meta.filename || file.includes("/golden/")) continue;
      for (const [line, text] of commentsOf(entry.name, await readFile(file, "utf8")))
        texts.push({ place: `${path.relative(root, file)}:${line}`, text });
    }
  }
  return texts;
}

function findings(texts: readonly Text[]): readonly string[] {
  return texts.flatMap(({ place, text }) => {
    if (allowed.some((pattern) => pattern.test(text))) return [];
    return tics.flatMap(([pattern, instead]) => {
      const found = pattern.exec(text)?.[0];
      return found === undefined ? [] : [`${place}: "${found}", write ${instead}: ${text.trim()}`];
    });
  });
}

describe("wording", () => {
  it("is plain in every page and the unreleased changes", async () => {
    const texts = await pages();
    assert.ok(texts.length > 1500, `${texts.length} lines`);
    assert.deepEqual(findings(texts), []);
  });

  it("is plain in the help of every command", async () => {
    const texts = await helpTexts();
    assert.ok(texts.length > 200, `${texts.length} texts`);
    assert.deepEqual(findings(texts), []);
  });

  it("is plain in the manual page", () => {
    const page = renderManual([], { version: "1", dateSeconds: 0 });
    const texts = page.split("\n").map((text, index) => ({ place: `line ${index + 1}`, text }));
    assert.ok(texts.length > 250, `${texts.length} lines`);
    assert.deepEqual(findings(texts), []);
  });

  it("is plain in the meanings of error codes", () => {
    const texts = Object.entries(errorCodes).map(([place, { meaning }]) => ({
      place,
      text: meaning,
    }));
    assert.deepEqual(findings(texts), []);
  });

  it("is plain in every message", async () => {
    const texts = await messages();
    assert.ok(texts.length > 1500, `${texts.length} texts`);
    assert.deepEqual(findings(texts), []);
  });

  it("calls a command a command in every identifier, except the operations of the journal", async () => {
    const verb = /[A-Za-z]*(?:Verb|(?<![A-Za-z])verb)(?!atim|ose)[A-Za-z]*/g;
    const found = new Set<string>();
    for (const name of await readdir(path.join(root, "src"), { recursive: true })) {
      if (!name.endsWith(".ts")) continue;
      const text = await readFile(path.join(root, "src", name), "utf8");
      for (const [word] of text.matchAll(verb)) found.add(`${name.split("/")[0]}: ${word}`);
    }
    // An operation of the journal has the field "verb", in its file and in what --dry-run --json prints.
    const operations = ["cli: verb", "host: ownVerb", "host: verb", "lib: verb"];
    assert.deepEqual([...found].sort(), operations);
  });

  it("is plain in every comment", async () => {
    const texts = await comments();
    assert.ok(texts.length > 4000, `${texts.length} lines`);
    assert.deepEqual(findings(texts), []);
  });

  it("is refused where it is not plain", () => {
    for (const text of ["Answers the key", "none unless told", "the disk stays", "no key of ours"])
      assert.equal(findings([{ place: "here", text }]).length, 1, text);
    assert.deepEqual(stringsOf('// "no verb"\nf(`${a.b} stays`, "x y");'), [
      [2, "… stays"],
      [2, "x y"],
    ]);
    assert.deepEqual(commentsOf("a.ts", "f(); // it goes\n/** `stays` */"), [
      [1, "it goes"],
      [2, "* `…` */"],
    ]);
    assert.deepEqual(commentsOf("a.sh", "#!/bin/sh\nf # no\n  # stays"), [[3, " stays"]]);
    assert.equal(proseOf("a\n```\nno verb\n```\n`verb` b"), "a\n\n\n\n`…` b");
  });
});

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { trimEndOf } from "../../src/lib/trim-end.ts";
import { decodeArmor } from "../../src/sign/armor.ts";
import { assertShort } from "./cpu-time.ts";

const SOURCES = new URL("../../src/", import.meta.url).pathname;
const LITERAL =
  /(?:[(,=:[!&|?{};>]|return|^)\s*(\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/)([dgimsuvy]*)(?=[\s,;).])/gm;
const CHARACTERS = 20_000;
/** What runs are made of, beside the characters that an expression names. */
const COMMON = [" ", "\t", "\n", "\r", "-", "_", ".", "/", "(", "[", "{", "a", "A", "0", " \n"];

/** Returns the regular expressions of a source text, with the flags that matter here. */
function expressionsOf(text: string): RegExp[] {
  const code = text.replace(/^\s*(?:\*|\/\/).*$/gm, "");
  return [...code.matchAll(LITERAL)].flatMap(([, literal = "", flags = ""]) => {
    try {
      return [new RegExp(literal.slice(1, -1), flags.replace(/[gy]/g, ""))];
    } catch {
      return []; // a piece of a template
    }
  });
}

/** Long texts that nearly match: runs of what the expression names, alone and behind its words. */
function* attacksOn({ source }: RegExp): Generator<string> {
  const plain = source.replace(/\\s[*+]?/g, " ").replace(/\\([^A-Za-z0-9])/g, "$1");
  const words = [...plain.matchAll(/[^[\](){}*+?|^$\\]{2,}/g)].map(([word]) => word);
  const runs = new Set([...COMMON, ...plain.replace(/[A-Za-z0-9]/g, "").split(""), ...words]);
  for (const start of ["", ...words]) {
    for (const run of runs) {
      const body = start + run.repeat(Math.ceil(CHARACTERS / run.length));
      yield body;
      yield `${body}\0`;
    }
  }
}

describe("regular expressions", () => {
  it("every regular expression is fast for text that almost matches", async () => {
    const names = await readdir(SOURCES, { recursive: true });
    const known = new Map<string, string>();
    for (const name of names.filter((one) => one.endsWith(".ts"))) {
      const text = await readFile(path.join(SOURCES, name), "utf8");
      for (const one of expressionsOf(text)) known.set(String(one), name);
    }
    assert.ok(known.size > 250, `only ${known.size} are found`);
    for (const [literal, name] of known) {
      const end = literal.lastIndexOf("/");
      const expression = new RegExp(literal.slice(1, end), literal.slice(end + 1));
      for (const attack of attacksOn(expression)) {
        assert.doesNotThrow(
          () => assertShort(() => expression.test(attack)),
          `${name}: ${literal} is slow for ${JSON.stringify(attack.slice(0, 30))}…`,
        );
      }
    }
  });

  it("blanks at the end of a text are removed without a regular expression", () => {
    assertShort(() => trimEndOf(`${" ".repeat(1 << 22)}x`, " "));
    assert.equal(trimEndOf("a - .-", " -."), "a");
    assert.equal(trimEndOf("--", "-"), "");
  });

  it("do not keep anybody waiting for the signature of a repository", () => {
    const text = `-----BEGIN PGP SIGNATURE-----\n${" ".repeat(64_000)}x\n-----END PGP SIGNATURE-----\n`;
    assertShort(() => decodeArmor("SIGNATURE", text));
  });
});

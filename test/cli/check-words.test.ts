import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { closest } from "../../src/lib/closest.ts";

const PROGRAM = path.join(import.meta.dirname, "../../src/cli/main.ts");

function complain(...words: string[]): { readonly status: number | null; readonly stderr: string } {
  return spawnSync(process.execPath, ["--import", "tsx", PROGRAM, ...words], { encoding: "utf8" });
}

describe("a mistyped command line", () => {
  for (const [words, expected] of [
    [["pakc", "shop"], /unknown command "pakc"\n {2}hint: did you mean pack\?/],
    [
      ["inspect", "--jsn", "shop"],
      /inspect: there is no option --jsn\n {2}hint: did you mean --json\?/,
    ],
    [["pack", "shop", "--out", "x"], /no option --out; expected --output \(-o\)\n/],
    [["repo", "ad", "repo", "x"], /repo: unknown command "ad"\n {2}hint: did you mean add\?/],
    [
      ["repo", "add", "repo", "x", "--kye", "y"],
      /repo add: there is no option --kye\n {2}hint: did you mean --key\?/,
    ],
    [["build"], /build: expected <source\.\.>\n {2}hint: see: virt-appliance build --help/],
    [["pack"], /pack: expected <directory>, --output \(-o\)\n/],
    [["pack", "shop"], /pack: expected --output \(-o\)\n/],
    [["repo"], /repo: expected one of its commands: init, add, remove, list, check, serve\n/],
    [["repo", "add"], /repo add: expected <dir>, <rpm\.\.>\n.*virt-appliance repo add --help/],
    [["repo", "add", "repo"], /repo add: expected <rpm\.\.>\n/],
    [["keys", "generate"], /generate: expected --name\n.*virt-appliance keys generate --help/],
    [["unpack", "x", "-o", "web"], /no option -o; expected --directory \(-d\)\n/],
    [[], /missing command/],
  ] as const) {
    it(`is told what is wrong with it: ${words.join(" ")}`, () => {
      const { status, stderr } = complain(...words);
      assert.equal(status, 2);
      assert.match(stderr, expected);
    });
  }

  it("is not suspected where -- begins what another program gets", () => {
    const { stderr } = complain("create", "no-such", "vm", "--", "--watchdog", "default");
    assert.doesNotMatch(stderr, /there is no option/);
  });

  for (const [word, known, expected] of [
    ["pakc", ["pack", "unpack", "check"], "pack"],
    ["xyz", ["pack", "unpack"], undefined],
    ["", ["pack"], undefined],
    ["kyes", ["keys", "key"], "keys"],
  ] as const) {
    it(`is taken for ${String(expected)}: "${word}"`, () =>
      assert.equal(closest(word, known), expected));
  }
});

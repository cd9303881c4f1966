import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { closest } from "../../src/cli/closest.ts";

const PROGRAM = path.join(import.meta.dirname, "../../src/cli/main.ts");

function complain(...words: string[]): { readonly status: number | null; readonly stderr: string } {
  return spawnSync(process.execPath, ["--import", "tsx", PROGRAM, ...words], { encoding: "utf8" });
}

describe("a mistyped command line", () => {
  for (const [words, expected] of [
    [["pakc", "shop"], /there is no verb "pakc"\n {2}hint: did you mean pack\?/],
    [
      ["inspect", "--jsn", "shop"],
      /inspect: there is no option --jsn\n {2}hint: did you mean --json\?/,
    ],
    [["pack", "shop", "--out", "x"], /pack: there is no option --out\n/],
    [["repo", "ad", "repo", "x"], /repo: there is no verb "ad"\n {2}hint: did you mean add\?/],
    [
      ["repo", "add", "repo", "x", "--kye", "y"],
      /repo add: there is no option --kye\n {2}hint: did you mean --key\?/,
    ],
    [["build"], /build.*--help/s],
    [[], /a verb is missing/],
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

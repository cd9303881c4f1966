import assert from "node:assert/strict";
import { closest } from "../../src/lib/closest.ts";
import { runProgram } from "../support/run-program.ts";

describe("a mistyped command line", () => {
  for (const [words, expected] of [
    [["pakc", "shop"], /unknown command "pakc"\n {2}hint: did you mean pack\?/],
    [
      ["inspect", "--jsn", "shop"],
      /inspect: unknown option --jsn\n {2}hint: did you mean --json\?/,
    ],
    [["pack", "shop", "--out", "x"], /unknown option --out; expected --output \(-o\)\n/],
    [["repo", "ad", "repo", "x"], /repo: unknown command "ad"\n {2}hint: did you mean add\?/],
    [
      ["repo", "add", "repo", "x", "--kye", "y"],
      /repo add: unknown option --kye\n {2}hint: did you mean --key\?/,
    ],
    [["build"], /build: expected <source\.\.>\n {2}hint: see: virt-appliance build --help/],
    [["pack"], /pack: expected <directory>, --output \(-o\)\n/],
    [["pack", "shop"], /pack: expected --output \(-o\)\n/],
    [["repo"], /repo: expected one of its commands: init, add, remove, list, check, serve\n/],
    [["repo", "add"], /repo add: expected <dir>, <rpm\.\.>\n.*virt-appliance repo add --help/],
    [["repo", "add", "repo"], /repo add: expected <rpm\.\.>\n/],
    [["keys", "generate"], /generate: expected --name\n.*virt-appliance keys generate --help/],
    [["unpack", "x", "-o", "web"], /unknown option -o; expected --directory \(-d\)\n/],
    [[], /missing command/],
  ] as const) {
    it(`is told what is wrong with it: ${words.join(" ")}`, async () => {
      const { exitCode, stderr } = await runProgram(words);
      assert.equal(exitCode, 2);
      assert.match(stderr, expected);
    });
  }

  for (const words of [["help"], ["help", "create"], ["help", "repo", "init"]]) {
    it(`is shown the same by ${words.join(" ")} as by --help`, async () => {
      const { exitCode, stdout } = await runProgram(words);
      assert.equal(exitCode, 0);
      assert.equal(stdout, (await runProgram([...words.slice(1), "--help"])).stdout);
    });
  }

  for (const [words, expected] of [
    [["--versoin"], /unknown option --versoin\n {2}hint: did you mean --version\?/],
    [["--bogus", "list"], /unknown option --bogus\n {2}hint: see: virt-appliance --help/],
    [["--json", "--quite", "list"], /unknown option --quite\n {2}hint: did you mean --quiet\?/],
    [["build", "x", "--engine", "rpm"], /--engine: "rpm", expected one of "native", "rpmbuild"/],
  ] as const) {
    it(`is named when it is wrong: ${words.join(" ")}`, async () => {
      const { exitCode, stderr } = await runProgram(words, { acceptExitCodes: [2] });
      assert.equal(exitCode, 2);
      assert.match(stderr, expected);
    });
  }

  it("is not suspected where -- begins what another program gets", async () => {
    const words = ["create", "no-such", "vm", "--", "--watchdog", "default"];
    const { stderr } = await runProgram(words);
    assert.doesNotMatch(stderr, /unknown option/);
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

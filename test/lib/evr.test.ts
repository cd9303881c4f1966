import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { array, constantFrom, sample, tuple } from "fast-check";
import { compareEvr, compareVersions, parseEvr } from "../../src/lib/evr.ts";

/** rpm's own answers: one run for all pairs. */
function askRpm(pairs: readonly (readonly [string, string])[]): number[] {
  const calls = pairs.map(([a, b]) => `print(rpm.vercmp(${luaText(a)}, ${luaText(b)}), "\\n")`);
  const output = execFileSync("rpm", ["--eval", `%{lua: ${calls.join(" ")}}`], {
    encoding: "utf8",
  });
  return output.trim().split(/\s+/).map(Number);
}

/** Text as Lua reads it inside a macro: everything but letters and digits as a decimal escape. */
function luaText(text: string): string {
  const escaped = Array.from(Buffer.from(text), (byte) => `\\${String(byte).padStart(3, "0")}`);
  return `"${escaped.join("")}"`;
}

describe("compareVersions", () => {
  const table: readonly (readonly [string, string, number])[] = [
    ["1.0", "1.0", 0],
    ["1.0", "2.0", -1],
    ["2.0.1a", "2.0.1", 1],
    ["5.5p1", "5.5p10", -1],
    ["10xyz", "10.1xyz", -1],
    ["xyz.4", "8", -1],
    ["1.0010", "1.9", 1],
    ["1.05", "1.5", 0],
    ["20101121", "20101122", -1],
    ["123456789012345678901234567890", "123456789012345678901234567891", -1],
    ["1.0~rc1", "1.0", -1],
    ["1.0~rc1~git1", "1.0~rc1", -1],
    ["1.0^", "1.0", 1],
    ["1.0^git1", "1.0.1", -1],
    ["1.0^git1~pre", "1.0^git1", -1],
    ["1.0~rc1^git1", "1.0~rc1", 1],
    ["a.", "a+", 0],
    ["", "1", -1],
    ["", "~", 1],
    ["", "^", -1],
  ];
  for (const [a, b, expected] of table) {
    it(`orders "${a}" and "${b}" as ${expected}`, () => {
      assert.equal(compareVersions(a, b), expected);
      assert.equal(compareVersions(b, a), expected === 0 ? 0 : -expected);
      // rpm refuses an empty version, so both get the same beginning.
      assert.deepEqual(askRpm([[`1.${a}`, `1.${b}`]]), [expected], "rpm's answer");
    });
  }

  it("agrees with rpm on versions made of everything it treats specially", () => {
    const version = array(
      constantFrom("0", "1", "10", "007", "a", "B", "rc", ".", "_", "+", "~", "^"),
      {
        maxLength: 6,
      },
    ).map((parts) => `1.${parts.join("")}`);
    const pairs = sample(tuple(version, version), { numRuns: 600, seed: 7 });
    assert.deepEqual(
      pairs.map(([a, b]) => compareVersions(a, b)),
      askRpm(pairs),
    );
  });
});

describe("parseEvr", () => {
  const table = [
    ["1.0", { version: "1.0" }],
    ["1.0-2", { version: "1.0", release: "2" }],
    ["3:1.0-2.fc40", { epoch: 3, version: "1.0", release: "2.fc40" }],
    [":1.0", { epoch: 0, version: "1.0" }],
    ["1-0-2", { version: "1-0", release: "2" }],
    ["a:1", { version: "a:1" }],
  ] as const;
  for (const [text, expected] of table) {
    it(`takes ${text} apart`, () => assert.deepEqual(parseEvr(text), expected));
  }
});

describe("compareEvr", () => {
  const table: readonly (readonly [string, string, number])[] = [
    ["1.0-1", "1.0-2", -1],
    ["1:1.0-1", "2.0-1", 1],
    ["0:1.0-1", "1.0-1", 0],
    ["1.0", "1.0-7", -1],
    ["1.0-1.fc40", "1.0-1", 1],
    ["1.0~rc1-5", "1.0-1", -1],
  ];
  for (const [a, b, expected] of table) {
    it(`orders ${a} and ${b} as ${expected}`, () => {
      assert.equal(compareEvr(parseEvr(a), parseEvr(b)), expected);
      assert.deepEqual(askRpm([[a, b]]), [expected], "rpm's answer");
    });
  }
});

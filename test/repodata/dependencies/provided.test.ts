import assert from "node:assert/strict";
import { conditionOf, namesIn, rangeOf } from "../../../src/repodata/dependencies/condition.ts";
import {
  canHold,
  isBeside,
  openProvidedNames,
} from "../../../src/repodata/dependencies/provided.ts";
import type { DependencyRecord } from "../../../src/repodata/package-record.ts";

const me = { owner: 0, arch: "x86_64" };

function record(text: string): DependencyRecord {
  const [, name, flags, evr] = /^(\S+) (LT|LE|EQ|GE|GT) (\S+)$/.exec(text) ?? [];
  if (name === undefined) return { name: text };
  const [, epoch = "0", version = "", release] =
    /^(?:(\d+):)?([^-]*)(?:-(.*))?$/.exec(evr ?? "") ?? [];
  return {
    name,
    flags: flags as "LT",
    epoch,
    version,
    ...(release === undefined ? {} : { release }),
  };
}

/** True if a dependency can hold beside packages, each given by what it provides; the first one is the dependent. */
function holds(dependency: string, ...packages: readonly (readonly string[])[]): boolean {
  const condition = conditionOf(record(dependency));
  const names = openProvidedNames(new Set(namesIn(condition)));
  for (const [owner, provides] of packages.entries()) {
    for (const one of provides) {
      names.add(record(one).name, { owner, arch: "x86_64", range: rangeOf(record(one)) });
    }
  }
  return canHold(condition, names, me);
}

describe("a dependency", () => {
  const versions: readonly (readonly [provides: string, requires: string, expected: boolean])[] = [
    ["a", "a", true],
    ["a", "b", false],
    ["a", "a GE 3", true],
    ["a EQ 1-1", "a", true],
    ["a EQ 1-1", "a EQ 1", true],
    ["a EQ 1", "a EQ 1-5", true],
    ["a EQ 1-1", "a EQ 1-2", false],
    ["a EQ 1-1", "a GE 1", true],
    ["a EQ 1-1", "a GT 1", false],
    ["a EQ 1-1", "a LT 1", false],
    ["a EQ 1-1", "a LE 1", true],
    ["a EQ 1~rc1-1", "a LT 1", true],
    ["a EQ 1^git-1", "a GT 1", true],
    ["a EQ 1.10-1", "a GT 1.9", true],
    ["a EQ 1:1-1", "a GT 2", true],
    ["a EQ 1-1", "a LT 1:0", true],
    ["a LT 3", "a EQ 2", true],
    ["a LT 3", "a GE 3", false],
    ["a GT 3", "a LT 3", false],
    ["a LE 3", "a GE 3", true],
  ];
  for (const [provides, requires, expected] of versions) {
    it(`${requires} is ${expected ? "" : "not "}met by ${provides}`, () => {
      assert.equal(holds(requires, [], [provides]), expected);
    });
  }

  const rich: readonly (readonly [dependency: string, packages: readonly string[][], boolean])[] = [
    ["(a or b)", [["b"]], true],
    ["(a or b)", [["c"]], false],
    ["(a or b or c)", [["c"]], true],
    ["(a and b)", [["a"], ["b"]], true],
    ["(a and b)", [["a"]], false],
    ["(a and b and c)", [["a"], ["b"]], false],
    ["(a >= 2 and b)", [["a EQ 1-1"], ["b"]], false],
    ["(a >= 2 or b < 1:2-3)", [["b EQ 5-1"]], true],
    ["(a with b)", [["a"], ["b"]], false],
    ["(a with b)", [["a", "b"]], true],
    ["(a >= 1 with a < 2)", [["a EQ 1.5-1"]], true],
    ["(a >= 1 with a < 2)", [["a EQ 1-1"], ["a EQ 2.5-1"]], true],
    ["(a > 1 with a < 2)", [["a EQ 1-1"], ["a EQ 2.5-1"]], false],
    ["(a without b)", [["a", "b"]], false],
    ["(a without b)", [["a", "b"], ["a"]], true],
    ["(a if b)", [["b"]], true],
    ["(a if b else c)", [["b"]], false],
    ["(a if b else c)", [["c"]], true],
    ["(a if b else c)", [["a"]], false],
    ["(a if b else c)", [["a"], ["b"]], true],
    ["(a unless b)", [["a"], ["b"]], true],
    ["(a unless b)", [["b"]], false],
    ["(a unless b else c)", [["b"], ["c"]], true],
    ["(a unless b else c)", [["c"]], false],
    ["((a or b) and (c or d))", [["b"], ["d"]], true],
    ["((a or b) and (c or d))", [["a"], ["b"]], false],
    ["(foo(x86-64) or bar(y z)", [["bar"]], true],
    ["(foo(x86-64) or bar)", [["foo(x86-64)"]], true],
    ["(foo(x86-64) or bar)", [["foo"]], false],
  ];
  for (const [dependency, packages, expected] of rich) {
    it(`${dependency} is ${expected ? "" : "not "}met by ${JSON.stringify(packages)}`, () => {
      assert.equal(holds(dependency, [], ...packages), expected);
    });
  }

  it("whose condition the package itself meets counts it as installed", () => {
    assert.equal(holds("(a if b)", ["b"]), false);
    assert.equal(holds("(a if b)", ["b"], ["a"]), true);
    assert.equal(holds("(a unless b)", ["b"], ["a"]), false);
    assert.equal(holds("(a if (b and c))", ["b", "c"]), false);
    assert.equal(holds("(a if (b and c))", ["b"], ["c"]), true);
  });

  it("that cannot be decided is not reported", () => {
    for (const one of [
      "rpmlib(Anything)",
      "/usr/share/file",
      "(/usr/share/file with b)",
      "(a",
      "(a nor b)",
      "(a and b or c)",
      "(a else b)",
      "(a or b) c",
      "()",
      "(a or)",
      `${"(".repeat(50)}a${")".repeat(50)}`,
    ]) {
      assert.equal(holds(one, []), true, one);
    }
    assert.equal(holds("/usr/bin/tool", []), false);
    assert.equal(holds("/etc/file", []), false);
  });

  it("is met by packages of the same processors only, and never by a source package", () => {
    const pairs: readonly (readonly [string, string, boolean])[] = [
      ["noarch", "x86_64", true],
      ["aarch64", "noarch", true],
      ["i686", "x86_64", true],
      ["x86_64", "x86_64_v2", true],
      ["aarch64", "x86_64", false],
      ["ppc64", "ppc64le", false],
      ["newarch", "x86_64", true],
      ["src", "noarch", false],
    ];
    for (const [provider, arch, expected] of pairs) {
      assert.equal(isBeside(provider, arch), expected, `${provider} beside ${arch}`);
    }
  });
});

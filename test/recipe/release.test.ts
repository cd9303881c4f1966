import assert from "node:assert/strict";
import {
  newestBefore,
  parseRelease,
  releaseOfOsinfo,
  renderRelease,
} from "../../src/recipe/kickstart/release.ts";

describe("parseRelease", () => {
  it("knows the two families, in any case, and nothing else", () => {
    for (const text of ["F40", "RHEL9"]) {
      const release = parseRelease(text.toLowerCase());
      assert.equal(release === undefined ? "" : renderRelease(release), text);
    }
    for (const text of ["", "40", "F", "FC40", "RHEL9.2", "DEBIAN12", "F4000"]) {
      assert.equal(parseRelease(text), undefined, text);
    }
  });
});

describe("newestBefore", () => {
  it("names the newest known release for newer ones alone", () => {
    const releases = ["F45", "F46", "F99", "RHEL10", "RHEL11"];
    const newest = releases.map((text) => newestBefore(parseRelease(text) ?? assert.fail(text)));
    assert.deepEqual(newest, [undefined, "F45", "F45", undefined, "RHEL10"]);
  });
});

describe("releaseOfOsinfo", () => {
  const cases: readonly (readonly [string | undefined, string | undefined])[] = [
    ["http://fedoraproject.org/fedora/41", "F41"],
    ["http://redhat.com/rhel/9.2", "RHEL9"],
    ["http://centos.org/centos-stream/10", "RHEL10"],
    ["http://rockylinux.org/rocky/9", "RHEL9"],
    ["http://almalinux.org/almalinux/8", "RHEL8"],
    ["http://fedoraproject.org/fedora/rawhide", undefined],
    ["http://debian.org/debian/12", undefined],
    [undefined, undefined],
  ];
  for (const [id, expected] of cases) {
    it(`takes ${id} for ${expected}`, () => {
      const release = releaseOfOsinfo(id);
      assert.equal(release === undefined ? undefined : renderRelease(release), expected);
    });
  }
});

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { lintKickstart } from "../../src/recipe/kickstart/lint-kickstart.ts";
import { parseKickstart } from "../../src/recipe/kickstart/parse-kickstart.ts";
import { parseRelease } from "../../src/recipe/kickstart/release.ts";
import { renderKickstart } from "../../src/recipe/kickstart/render-kickstart.ts";

const corpus = process.env["VIRT_APPLIANCE_CORPUS"];

/** File, release, and the first error of pykickstart, which stops there: line and what it is about. */
const verdicts: readonly (readonly [string, string, readonly [number, RegExp] | undefined])[] = [
  ["fedora-aos.ks", "F40", [19, /device: has been removed/]],
  ["fedora-aos.ks", "RHEL9", [19, /device: has been removed/]],
  ["livecd-fedora-minimal.ks", "F40", undefined],
  ["livecd-fedora-minimal.ks", "RHEL9", undefined],
  ["ovirt-node-ng-image.ks", "F40", [14, /auth: has been removed/]],
  ["ovirt-node-ng-image.ks", "RHEL9", undefined],
  ["own-partial-web.ks", "F40", undefined],
  ["own-partial-web.ks", "RHEL9", undefined],
  ["own-site.ks", "F40", undefined],
  ["own-site.ks", "RHEL9", undefined],
  ["own-broken.ks", "F40", [2, /--size: expected a whole number, found "big"/]],
  ["own-broken.ks", "RHEL9", [2, /--size: expected a whole number, found "big"/]],
];

/** Kickstarts of the field, when there are some; each case has a twin of our own in parse-kickstart.test.ts. */
if (corpus !== undefined) {
  describe("kickstarts of the field", () => {
    for (const [name, release, verdict] of verdicts) {
      it(`agrees with pykickstart about ${name} for ${release}`, async () => {
        const text = await readFile(path.join(corpus, "kickstart", name), "utf8");
        const parsed = parseKickstart(text, name);
        assert.equal(renderKickstart(parsed.kickstart), text);
        const found = [
          ...parsed.problems,
          ...lintKickstart(parsed.kickstart, parseRelease(release)),
        ];
        const [first] = found
          .filter(({ severity }) => severity === "error")
          .sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
        if (verdict === undefined) assert.equal(first, undefined);
        else {
          assert.equal(first?.line, verdict[0]);
          assert.match(first.message, verdict[1]);
        }
      });
    }

    it("warns as pykickstart does of what is deprecated in RHEL 9", async () => {
      const name = "ovirt-node-ng-image.ks";
      const text = await readFile(path.join(corpus, "kickstart", name), "utf8");
      const found = lintKickstart(parseKickstart(text, name).kickstart, parseRelease("RHEL9"));
      assert.deepEqual(
        found.map(({ code, message }) => [code, message.split(":")[0]]),
        [
          ["command-deprecated", "auth"],
          ["option-deprecated", "%packages --excludeWeakdeps"],
        ],
      );
    });
  });
}

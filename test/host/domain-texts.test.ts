import assert from "node:assert/strict";
import * as fc from "fast-check";
import { domainTexts } from "../../src/host/instance/domain-texts.ts";

const web = { name: "web", version: "1.2", release: "3", label: "Web server" };

describe("title and description of a domain", () => {
  it("are label and version, and the descriptor's description or one line", () => {
    assert.deepEqual(domainTexts(web, " First.\r\n\tSecond.\n"), {
      title: "Web server 1.2",
      description: "First.\n\tSecond.",
    });
    for (const none of [undefined, "", " \n"])
      assert.equal(domainTexts(web, none).description, "web 1.2-3, made by virt-appliance");
    assert.equal(domainTexts({ ...web, label: " \n" }, undefined).title, "web 1.2");
  });

  it("are cut before the version when the label is long", () => {
    const { title = "" } = domainTexts({ ...web, label: "ü😀".repeat(5000) }, "x".repeat(70_000));
    assert.equal(Array.from(title).length, 100);
    assert.match(title, /^ü😀ü.*… 1\.2$/u);
    const long = domainTexts({ ...web, version: "9".repeat(300) }, "x".repeat(70_000));
    assert.ok(Array.from(long.title ?? "").length <= 100);
    assert.equal(long.description?.length, 65_536);
  });

  it("hold no control character, and the title no end of a line", () => {
    const label = "a\nb\r\nc\u2028d\u0085e\u0000f\u202eg\u001b[31m";
    assert.equal(domainTexts({ ...web, label }, undefined).title, "a b c d e f g [31m 1.2");
    assert.equal(domainTexts(web, "a\u0000\u001b[1mb\uffff").description, "a[1mb");
    const any = fc.string({ unit: "binary", maxLength: 300 });
    fc.assert(
      fc.property(any, any, (text, description) => {
        const made = domainTexts({ ...web, label: text }, description);
        assert.match(made.title ?? "", /^[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}]{1,200}$/u);
        assert.doesNotMatch(made.description ?? "", /[^\t\n\P{Cc}]|[\p{Cs}\ufffe\uffff]/u);
      }),
    );
  });
});

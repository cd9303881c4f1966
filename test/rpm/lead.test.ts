import assert from "node:assert/strict";
import { ApplianceError } from "../../src/errors.ts";
import { decodeLead, encodeLead } from "../../src/rpm/format/lead.ts";

describe("lead codec", () => {
  it("encodes 96 bytes as rpm does", () => {
    const name = Buffer.alloc(66);
    name.write("web-appliance-1.0-1");
    const expected = [
      "edabeedb", // magic
      "0300", // version 3.0
      "0000", // binary
      "0001", // x86
      name.toString("hex"),
      "0001", // Linux
      "0005", // a signature header follows
      "00".repeat(16),
    ];
    const lead = Buffer.from(encodeLead("web-appliance-1.0-1", "x86_64"));
    assert.equal(lead.toString("hex"), expected.join(""));
  });

  const architectures = [
    ["noarch", 255],
    ["aarch64", 19],
    ["i686", 1],
    ["alpha", 0],
  ] as const;
  for (const [arch, number] of architectures) {
    it(`numbers ${arch} ${number}`, () => {
      assert.equal(Buffer.from(encodeLead("a-1-1", arch)).readUInt16BE(8), number);
    });
  }

  it("cuts a long name, leaving room for its NUL", () => {
    const lead = Buffer.from(encodeLead("n".repeat(100), "noarch"));
    assert.equal(lead.length, 96);
    assert.equal(decodeLead(lead, "x").name, "n".repeat(65));
  });

  it("decodes what it encodes", () => {
    assert.deepEqual(decodeLead(Buffer.from(encodeLead("ü-1-1", "noarch")), "x"), {
      major: 3,
      minor: 0,
      isSource: false,
      name: "ü-1-1",
    });
  });

  const names = ["", "a\nb", "a\0b"];
  for (const name of names) {
    it(`refuses the name ${JSON.stringify(name)}`, () => {
      assert.throws(
        () => encodeLead(name, "noarch"),
        (error) => error instanceof ApplianceError && error.code === "RPM_BAD_PLAN",
      );
    });
  }

  it("refuses other magic and a short lead, naming the byte", () => {
    const lead = Buffer.from(encodeLead("a-1-1", "noarch"));
    assert.throws(() => decodeLead(lead.subarray(0, 95), "x.rpm"), /x\.rpm: byte 95: /);
    lead.writeUInt8(0, 0);
    assert.throws(
      () => decodeLead(lead, "x.rpm"),
      /x\.rpm: byte 0: not an RPM package: magic is 00abeedb/,
    );
  });
});

import assert from "node:assert/strict";
import { sourceDateEpoch } from "../../../src/cli/options/source-date-epoch.ts";
import { ApplianceError } from "../../../src/errors.ts";

describe("sourceDateEpoch", () => {
  it("returns seconds, or undefined if unset or empty", () => {
    assert.equal(sourceDateEpoch({ SOURCE_DATE_EPOCH: "1700000000" }), 1_700_000_000);
    assert.equal(sourceDateEpoch({ SOURCE_DATE_EPOCH: "" }), undefined);
    assert.equal(sourceDateEpoch({}), undefined);
  });
  for (const text of ["yesterday", "-1", "1.5", "4294967296", "17000000000", " 1"]) {
    it(`refuses "${text}"`, () => {
      assert.throws(
        () => sourceDateEpoch({ SOURCE_DATE_EPOCH: text }),
        (error) => error instanceof ApplianceError && error.code === "CLI_USAGE",
      );
    });
  }
});

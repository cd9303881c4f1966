import assert from "node:assert/strict";
import { checkApplianceName } from "../../../src/cli/options/appliance-name.ts";
import { runProgram } from "../../support/run-program.ts";

describe("--name, the name of an appliance", () => {
  it("is refused as a fault of the command line, before anything is read", async () => {
    const { exitCode, stderr } = await runProgram(["init", "--name", "a b", "/no/such/file"]);
    assert.equal(exitCode, 2);
    assert.match(stderr, /^virt-appliance: --name: "a b": expected letters, digits/);
  });

  it("may be missing, or any name that a descriptor may have", () => {
    for (const name of [undefined, "web", "web-1.x_y"]) checkApplianceName(name);
    for (const name of ["", "-a", "a..b", "a/b"])
      assert.throws(() => checkApplianceName(name), { code: "CLI_USAGE" }, name);
  });
});

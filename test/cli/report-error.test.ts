import assert from "node:assert/strict";
import { exitCodeOf, renderError } from "../../src/cli/report-error.ts";
import { ApplianceError, errorCodes } from "../../src/errors.ts";

describe("renderError", () => {
  it("prints message, details, hint and code", () => {
    const error = new ApplianceError("LIB_IO", "web.tar: no such file or folder", {
      details: ["first", "second"],
      hint: "check the path",
    });
    assert.equal(
      renderError(error),
      "virt-appliance: web.tar: no such file or folder\n  first\n  second\n  hint: check the path  [LIB_IO]\n",
    );
  });

  it("escapes control characters, so that a file name cannot drive a terminal", () => {
    const text = renderError(
      new ApplianceError("LIB_IO", "a\u001b[2Jb\u202ec", { details: ["x\ny"] }),
    );
    assert.equal(text, "virt-appliance: a\\x1b[2Jb\\u202ec  [LIB_IO]\n  x\\x0ay\n");
  });

  it("calls anything else a bug", () => {
    assert.match(renderError(new TypeError("oops")), /internal error: TypeError: oops/);
    assert.equal(exitCodeOf(new TypeError("oops")), 1);
  });

  it("calls no bug what the system refused, wherever it came from", () => {
    const error = Object.assign(new Error("EIO"), { code: "EIO", errno: -5, syscall: "fsync" });
    assert.equal(
      renderError(error),
      "virt-appliance: fsync: cannot be read or written: input/output error  [LIB_IO]\n",
    );
    const named = Object.assign(error, { path: "/srv/demo" });
    assert.match(renderError(named), /^virt-appliance: \/srv\/demo: cannot be read or written/);
    assert.equal(exitCodeOf(named), 1);
  });

  it("calls no bug a part of the program that cannot be loaded", () => {
    const error = Object.assign(new Error("Cannot find package 'x'"), {
      code: "ERR_MODULE_NOT_FOUND",
    });
    assert.match(
      renderError(error),
      /^virt-appliance: a part of the program cannot be read\n  Cann/,
    );
    assert.match(renderError(error), /ulimit -n 1024/);
  });

  it("leads each code to its exit status", () => {
    assert.equal(exitCodeOf(new ApplianceError("CLI_USAGE", "x")), 2);
    assert.equal(exitCodeOf(new ApplianceError("LIB_EXEC_MISSING", "x")), 4);
    assert.equal(exitCodeOf(new ApplianceError("LIB_INTERRUPTED", "x")), 130);
  });

  it("has codes that are sorted, named after their folder, and explained", () => {
    const names = Object.keys(errorCodes);
    assert.deepEqual(names, [...names].sort());
    for (const [name, { meaning }] of Object.entries(errorCodes)) {
      assert.match(name, /^[A-Z]+_[A-Z_]+$/);
      assert.match(meaning, /[^.]$/);
    }
  });
});

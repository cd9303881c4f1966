import assert from "node:assert/strict";
import { parseHealthCheck } from "../../../src/cli/options/health-check.ts";
import { type UpdateArguments, updateRequestOf } from "../../../src/cli/options/update-options.ts";

const usual: UpdateArguments = {
  vm: "vm1",
  all: false,
  to: undefined,
  name: undefined,
  maxParallel: 1,
  verify: undefined,
  verifyTimeout: 300,
  accept: false,
  dryRun: false,
  stop: false,
  stopTimeout: 120,
  start: undefined,
};

describe("options of update", () => {
  for (const [text, expected] of [
    ["agent", { kind: "agent" }],
    ["tcp:22", { kind: "tcp", host: undefined, port: 22 }],
    ["tcp:shop.example.org:443", { kind: "tcp", host: "shop.example.org", port: 443 }],
    ["tcp:[fe80::1]:443", { kind: "tcp", host: "fe80::1", port: 443 }],
    ["console:^login: $", { kind: "console", pattern: "^login: $" }],
    ["curl -f http://x/", { kind: "command", command: "curl -f http://x/" }],
  ] as const) {
    it(`--verify takes ${text}`, () => assert.deepEqual(parseHealthCheck(text), expected));
  }

  for (const text of ["", " ", "tcp:", "tcp:x", "tcp:0", "tcp:70000", "tcp:a:b:1", "console:("]) {
    it(`--verify refuses "${text}"`, () => {
      assert.throws(() => parseHealthCheck(text), { code: "CLI_USAGE" });
    });
  }

  it("say how the VM is stopped and started", () => {
    assert.deepEqual(updateRequestOf(usual), {
      stopSeconds: undefined,
      start: "as-before",
      to: undefined,
      verify: undefined,
    });
    assert.equal(updateRequestOf({ ...usual, stop: true, stopTimeout: 5 }).stopSeconds, 5);
    assert.equal(updateRequestOf({ ...usual, start: true }).start, "yes");
    assert.equal(updateRequestOf({ ...usual, start: false }).start, "no");
  });

  for (const [what, changes] of [
    ["neither a VM nor --all", { vm: undefined }],
    ["a VM and --all", { all: true }],
    ["--all with --to", { vm: undefined, all: true, to: "1.0" }],
    ["--name without --all", { name: "a*" }],
    ["--verify with --no-start", { verify: "agent", start: false }],
    ["--accept without --verify", { accept: true }],
    ["--max-parallel 0", { vm: undefined, all: true, maxParallel: 0 }],
    ["--verify-timeout of no number", { verify: "agent", verifyTimeout: Number.NaN }],
  ] as const) {
    it(`refuse ${what}`, () => {
      assert.throws(() => updateRequestOf({ ...usual, ...changes }), { code: "CLI_USAGE" });
    });
  }
});

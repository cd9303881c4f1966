import assert from "node:assert/strict";
import path from "node:path";
import { testKey } from "../fixtures/signing-key.ts";
import { testContext } from "../support/context.ts";
import { runProgram } from "../support/run-program.ts";
import { namesIn, temporaryFolder } from "../support/temporary.ts";

describe("the package virt-appliance-host in a new repository", () => {
  const folder = temporaryFolder();

  it("is signed with the date SOURCE_DATE_EPOCH, so that the repository is the same each time", async () => {
    const repository = path.join(folder, "repository");
    const site = ["--name", "site", "--base-url", "https://example.com/site"];
    const key = ["--key", "test", "--keys", (await testKey()).folder];
    const env = { SOURCE_DATE_EPOCH: String(Date.UTC(2026, 4, 28) / 1000) };
    await runProgram(["repo", "init", repository, ...site, ...key], { env, acceptExitCodes: [] });
    const packages = path.join(repository, "packages");
    const host = (await namesIn(packages)).find((name) => name.startsWith("virt-appliance-host-"));
    const query = ["-qp", "--qf", "%{RSAHEADER:pgpsig}", path.join(packages, host ?? "")];
    const { stdout } = await testContext().run("rpm", query, { env: { TZ: "UTC" } });
    assert.match(stdout, /, Thu May 28 00:00:00 2026, /);
  });
});

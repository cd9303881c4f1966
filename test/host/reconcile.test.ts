import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { reconcile } from "../../src/host/catalogue/reconcile.ts";
import { type HostFixture, openHostFixture } from "../fixtures/memory-host.ts";

describe("reconcile from the program", () => {
  let host: HostFixture;
  beforeEach(async () => (host = await openHostFixture()));
  afterEach(() => host[Symbol.asyncDispose]());

  it("tells what became of each appliance, or says problems only", async () => {
    const entry = path.join(host.paths.catalogueDir, "web-appliance-1.0-1");
    await mkdir(entry);
    await writeFile(path.join(entry, "payload"), "/var/lib/nowhere\n");
    const lines: string[] = [];
    const warnings: string[] = [];
    const opened = await host.open();
    const warn = (line: string): void => void warnings.push(line);
    const context = { ...opened.context, logger: { ...opened.context.logger, warn } };
    const told = { ...opened, context };
    assert.equal(await reconcile(told, { onOutcome: (line) => lines.push(line) }), false);
    assert.deepEqual(lines, ["web-appliance-1.0-1: incomplete"]);
    assert.match(warnings.join("\n"), /^web-appliance-1.0-1: .*unpack.list is missing/m);
    await rm(entry, { recursive: true });
    assert.equal(await reconcile(told, { onOutcome: (line) => lines.push(line) }), true);
    assert.equal(lines.at(-1), "web-appliance-1.0-1: removed; its bases stay");
    assert.equal(await reconcile(told), true);
    assert.equal(lines.length, 2);
  });
});

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { collectGarbage } from "../../src/host/gc/gc.ts";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import { type HostFixture, openHostFixture } from "../fixtures/memory-host.ts";
import { basesOf, installAndRemove, openLater, SYSTEM, WEEK } from "../fixtures/host-bases.ts";
import { killAtEveryChange } from "./kill-every-change.ts";

/** Version 1.0 was installed and removed, 2.0 is installed: the bases of 1.0 are unused. */
async function open(): Promise<HostFixture> {
  const host = await openHostFixture();
  await installAndRemove(host, [], ["1.0"]);
  await installAndRemove(host, ["2.0"], []);
  return host;
}

/** Names of all files. */
async function look(host: HostFixture): Promise<string> {
  const names = [...(await host.files()).keys()].filter((name) => !name.endsWith("/lock"));
  return names.sort().join("\n");
}

const recordOf = (host: HostFixture): string => path.join(host.paths.stateDir, "bases", SYSTEM);

describe("gc, killed before and after every change", () => {
  it("leaves the unused bases with their records or neither, and completes when run again", () => {
    let record: Buffer;
    let whenDone = "";
    return killAtEveryChange({
      open: async () => {
        const host = await open();
        record = await readFile(recordOf(host));
        return host;
      },
      run: async (host, hook) => collectGarbage(await openLater(host, { hook }), WEEK),
      recover: async (host) => recoverInterrupted(await host.open()),
      look,
      outcomes: ["as before", "as after"],
      leastChanges: 13,
      checkWhole: async (host) => {
        whenDone = await look(host);
      },
      check: async (host, outcome, point) => {
        const bases = await basesOf(host);
        assert.equal(bases.includes(SYSTEM), outcome === "as before", point);
        const records = await readdir(path.join(host.paths.stateDir, "bases"));
        assert.deepEqual(records.sort(), bases, point);
        if (outcome === "as before")
          assert.deepEqual(await readFile(recordOf(host)), record, point);
        await collectGarbage(await openLater(host), WEEK);
        assert.equal(await look(host), whenDone, point);
      },
    });
  });
});

import assert from "node:assert/strict";
import path from "node:path";
import type { Host, HostOperations } from "../../src/host/host.ts";
import { describeOperation, type HostOperation, openHost } from "../../src/host/index.ts";
import { faceOf } from "../../src/host/open-host.ts";
import { testContext } from "../support/context.ts";
import { exportedBy } from "../support/public-types.ts";
import { type HostFixture, openHostFixture } from "../fixtures/memory-host.ts";
import { addVersion } from "../fixtures/appliance-versions.ts";

type Act = (on: HostOperations) => Promise<HostOperation | undefined>;

describe("the face of a host", () => {
  let fixture: HostFixture;
  let host: Host;
  beforeEach(async () => {
    fixture = await openHostFixture();
    await addVersion(fixture);
    host = faceOf(await fixture.open());
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  /** Plans and then does an operation, and compares. */
  async function planAndDo(act: Act): Promise<readonly string[]> {
    const before = await fixture.files();
    const domains = await fixture.libvirt.listDomains();
    const planned = describeOperation((await act(host.plan))?.steps ?? []);
    assert.deepEqual(await fixture.files(), before);
    assert.deepEqual(await fixture.libvirt.listDomains(), domains);
    const done = describeOperation((await act(host))?.steps ?? []);
    // A folder of one operation has a random name.
    const plain = (lines: readonly string[]): readonly string[] =>
      lines.map((each) => each.replaceAll(/exporting-[0-9a-f]+/g, "exporting"));
    assert.deepEqual(plain(done), plain(planned));
    return done;
  }

  it("does what it planned, over the life of a VM", async () => {
    const folder = path.join(fixture.paths.root, "exported");
    await planAndDo((on) => on.create({ appliance: "web", vm: "vm1", start: false }));
    await addVersion(fixture, { version: "1.1" });
    const life: readonly Act[] = [
      (on) => on.update("vm1"),
      (on) => on.rollback("vm1"),
      (on) => on.update("vm1"),
      (on) => on.accept("vm1"),
      (on) => on.grow("vm1", "data", { toBytes: 64 * 1024 * 1024 }),
      (on) => on.export("vm1", { folder }),
      (on) => on.destroy("vm1", { data: "remove" }),
    ];
    for (const act of life) assert.notDeepEqual(await planAndDo(act), []);
    assert.deepEqual((await host.listVms()).vms, []);
  });

  it("opens a host below a folder without asking libvirt", async () => {
    const context = testContext({ run: () => assert.fail("no program is needed") });
    const root = path.relative(process.cwd(), fixture.paths.root);
    const opened = await openHost(context, { root, uri: "test:///default" });
    const { appliances } = await opened.listAppliances();
    assert.deepEqual(
      appliances.map(({ name, version }) => [name, version]),
      [["web", "1.0"]],
    );
    assert.deepEqual(opened.paths, fixture.paths);
  });

  it("is nearly all of what the folder exports, besides types", () => {
    const file = path.join(import.meta.dirname, "../../src/host/index.ts");
    const values = [...exportedBy(file).keys()].filter((name) => /^[a-z]/.test(name));
    assert.ok(values.length <= 8, values.join(" "));
    assert.ok(values.includes("openHost"), values.join(" "));
  });
});

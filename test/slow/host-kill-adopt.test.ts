import assert from "node:assert/strict";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { adoptDomain } from "../../src/host/adopt/adopt.ts";
import { recoverInterrupted } from "../../src/host/operation/recover-interrupted.ts";
import { readInstance } from "../../src/host/instance/instance-xml.ts";
import { addAppliance, type HostFixture, openHostFixture } from "../host/fixture.ts";
import { domainXml, overlay, recordBases } from "../host/gc-fixture.ts";
import { countingHook, Killed, killingHook, killPoints } from "../support/kill-points.ts";

const KERNEL = "<kernel>vmlinuz</kernel>";
const noRequest = { disks: {}, boot: undefined };

describe("adopt, killed", () => {
  let host: HostFixture;
  beforeEach(async () => {
    host = await openHostFixture();
  });
  afterEach(() => host[Symbol.asyncDispose]());

  const base = (name: string): string =>
    path.join(host.paths.baseDir, `web-appliance-1.0-1-${name}`);
  const plain = async (change: (xml: string) => string): Promise<void> => {
    const disk = path.join(host.paths.diskDir, "plain.qcow2");
    await overlay(disk, base("system.qcow2"));
    await host.libvirt.defineDomain(change(domainXml("plain", [disk])));
  };

  it("leaves a known VM or the domain of before, wherever it is killed", async () => {
    const setUp = async (): Promise<string> => {
      await host[Symbol.asyncDispose]();
      host = await openHostFixture();
      await addAppliance(host, { os: KERNEL });
      await recordBases(host);
      await plain((xml) => xml.replace("</os>", `<kernel>${base("vmlinuz")}</kernel></os>`));
      return host.libvirt.dumpXml("plain");
    };
    await setUp();
    const counting = countingHook();
    await adoptDomain(await host.open(counting), "plain", noRequest);
    const outcomes = new Set<string>();
    for (const { index, side } of killPoints(counting.labels.length)) {
      const before = await setUp();
      const place = `${side} ${index} ${counting.labels[index]}`;
      const hook = killingHook(index, side);
      await adoptDomain(await host.open(hook), "plain", noRequest).catch((error: unknown) => {
        assert.ok(error instanceof Killed || error instanceof ApplianceError, place);
      });
      assert.deepEqual(await recoverInterrupted(await host.open()), [], place);
      const xml = await host.libvirt.dumpXml("plain");
      const instance = readInstance(xml);
      const hasCopy = (await host.files()).has("var/lib/libvirt/images/plain-vmlinuz");
      if (instance === undefined) assert.equal(xml, before, place);
      assert.equal(hasCopy, instance !== undefined, place);
      outcomes.add(instance === undefined ? "before" : "adopted");
    }
    assert.deepEqual([...outcomes].sort(), ["adopted", "before"]);
  });
});

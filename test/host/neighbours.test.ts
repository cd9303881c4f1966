import assert from "node:assert/strict";
import { parseNeighbours, readNeighbours } from "../../src/host/steps/neighbours.ts";

const table = `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.7        0x1         0x2         52:54:00:12:34:56     *        br0
192.0.2.8        0x1         0x0         52:54:00:12:34:56     *        br0
192.0.2.9        0x1         0x6         52:54:00:aa:bb:cc     *        br0
192.0.2.7        0x1         0x2         52:54:00:12:34:56     *        br1
`;

describe("addresses from the ARP table", () => {
  for (const [macs, expected] of [
    [["52:54:00:12:34:56"], ["192.0.2.7"]],
    [
      ["52:54:00:AA:BB:CC", "52:54:00:12:34:56"],
      ["192.0.2.7", "192.0.2.9"],
    ],
    [["52:54:00:00:00:00"], []],
    [[], []],
  ] as const) {
    it(`of ${macs.length === 0 ? "no interface" : macs.join(" and ")}`, () => {
      assert.deepEqual(parseNeighbours(table, macs), expected);
    });
  }

  it("are none where there is no table, and none of a machine that is not there", async () => {
    assert.deepEqual(await readNeighbours("/nowhere", ["52:54:00:12:34:56"]), []);
    assert.deepEqual(await readNeighbours("/", ["02:00:00:00:00:ff"]), []);
  });
});

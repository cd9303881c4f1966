import type { BadInputs } from "../support/bad-input.ts";
import { assertRefused, Sandbox } from "../support/sandbox.ts";
import { badDescriptors } from "./bad-descriptors.ts";
import { badSources } from "./bad-sources.ts";

/** One test for each: it is refused as it should be, and nothing in its sandbox came, went or was touched. */
function refuses(rows: BadInputs): void {
  for (const [name, { prepare, args, ...expected }] of Object.entries(rows)) {
    it(name, async () => {
      await using sandbox = await Sandbox.open();
      await prepare?.(sandbox);
      await assertRefused(sandbox, args, expected, expected);
    });
  }
}

describe("bad input to the built program", function () {
  this.timeout(60_000);

  describe("sources", () => refuses(badSources));
  describe("descriptors and disks", () => refuses(badDescriptors));
});

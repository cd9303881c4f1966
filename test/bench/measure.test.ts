import assert from "node:assert/strict";
import { measureCommand } from "../../bench/measure/measure-command.ts";
import { median, medianSample } from "../../bench/measure/median.ts";
import { planRounds } from "../../bench/measure/plan-rounds.ts";
import { isError } from "../support/is-error.ts";
import { testContext } from "../support/context.ts";
import { sample } from "./bench-results.ts";

const MIB = 1024 * 1024;

describe("the medians of the bench", () => {
  const cases: readonly (readonly [readonly number[], number])[] = [
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 8, 7, 100], 9],
    [[], Number.NaN],
  ];
  for (const [numbers, expected] of cases) {
    it(`has ${expected} for ${numbers.length} numbers`, () => {
      assert.deepEqual(median(numbers), expected);
    });
  }

  it("takes each figure on its own", () => {
    const all = [sample(1, { readBytes: 9 }), sample(2, { readBytes: 1 }), sample(3)];
    assert.deepEqual(medianSample(all), sample(2, { readBytes: 9 }));
  });
});

describe("the order of the runs", () => {
  it("lets contenders take turns, and reverses every second round", () => {
    const order = planRounds([3, 1, 2]).map(({ index, round }) => `${index}.${round}`);
    assert.deepEqual(order, ["0.0", "1.0", "2.0", "2.1", "0.1", "0.2"]);
  });

  it("is empty without contenders", () => {
    assert.deepEqual(planRounds([]), []);
  });
});

describe("a measured command", () => {
  const context = testContext();
  const shell = (script: string) => measureCommand({ argv: ["sh", "-c", script] }, context);

  it("counts the bytes, the time and the memory of its children", async () => {
    const one = await shell(
      "dd if=/dev/zero of=/dev/null bs=32M count=2 2>/dev/null; head -c 3M /dev/zero >/dev/null; sleep 0.2",
    );
    assert.ok(one.readBytes >= 67 * MIB && one.readBytes < 80 * MIB, `read ${one.readBytes}`);
    assert.ok(one.writtenBytes >= 67 * MIB && one.writtenBytes < 80 * MIB);
    assert.ok(one.peakBytes >= 32 * MIB && one.peakBytes < 80 * MIB, `peak ${one.peakBytes}`);
    assert.ok(one.seconds >= 0.2 && one.cpuSeconds > 0);
  });

  it("does not print what the command prints", async () => {
    const one = await shell("echo text");
    assert.equal(typeof one.seconds, "number");
  });

  it("fails with the status and the message of the command", async () => {
    await assert.rejects(
      shell("echo reason >&2; exit 3"),
      isError("LIB_EXEC_FAILED", /ended with status 3[^]*reason/),
    );
  });

  it("fails for a program that is not installed", async () => {
    const argv = ["no-such-program"];
    await assert.rejects(measureCommand({ argv }, context), isError("LIB_EXEC_FAILED", /127/));
  });
});

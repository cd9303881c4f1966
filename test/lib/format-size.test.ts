import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { formatSize, formatSizes } from "../../src/lib/format-size.ts";

const script = fileURLToPath(
  new URL("../../spec-templates/host/reconcile-bases.sh", import.meta.url),
);

/** Returns sizes as the host's script writes them. */
function formatInShell(sizes: readonly number[]): readonly string[] {
  const run = 'root= base= state= catalogue=; . "$0"; for one; do size_of "$one"; echo; done';
  const output = execFileSync("sh", ["-uc", run, script, ...sizes.map(String)], {
    encoding: "utf8",
  });
  return output.trimEnd().split("\n");
}

describe("a size for people", () => {
  for (const [bytes, text] of [
    [0, "0 B"],
    [0.4, "0 B"],
    [1023, "1023 B"],
    [1023.7, "1.0 KiB"],
    [1536, "1.5 KiB"],
    [99.96 * 1024, "100 KiB"],
    [120 * 1024 ** 2, "120 MiB"],
    [1024 ** 3 - 1, "1.0 GiB"],
    [5 * 1024 ** 3, "5.0 GiB"],
    [3000 * 1024 ** 4, "2.9 PiB"],
    [3000 * 1024 ** 5, "3000 PiB"],
  ] as const) {
    it(`is ${text} for ${bytes} bytes`, () => assert.equal(formatSize(bytes), text));
  }
});

describe("two sizes that people compare", () => {
  for (const [one, other, ...texts] of [
    [1024 ** 3, 2 * 1024 ** 3, "1.0 GiB", "2.0 GiB"],
    [1024 ** 3, 1024 ** 3 + 512, "1073741824 bytes", "1073742336 bytes"],
    [1024 ** 3, 1024 ** 3, "1.0 GiB", "1.0 GiB"],
    [1.5, 1024, "1.5 bytes", "1024 bytes"],
    [2n ** 63n, 2 ** 62, "8192 PiB", "4096 PiB"],
  ] as const) {
    it(`are ${texts.join(" and ")}`, () => assert.deepEqual(formatSizes(one, other), texts));
  }
});

describe("a size in the host's script", () => {
  it("is the one that the program writes", () => {
    const units = [1, 1024, 1024 ** 2, 1024 ** 3, 1024 ** 4, 1024 ** 5];
    const sizes = units.flatMap((unit) =>
      [0, 1, 1.5, 9.96, 12.34, 99.94, 99.96, 512, 900].map((count) => Math.round(count * unit)),
    );
    const edges = units.slice(1).flatMap((unit) => [unit - 1, unit, Math.ceil(1023.5 * unit)]);
    const all = [...sizes, ...edges, 1_048_063, 1_048_064, 102_348, 10 ** 18 - 64];
    assert.deepEqual(formatInShell(all), all.map(formatSize));
  });
});

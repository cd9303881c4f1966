import assert from "node:assert/strict";
import { compare, missesAim } from "../../bench/report/compare.ts";
import { drawBars } from "../../bench/report/draw-bars.ts";
import { renderSummary, renderTable } from "../../bench/report/render-table.ts";
import { replaceBetween } from "../../bench/report/replace-between.ts";
import { parseXml } from "../../src/lib/xml/parse.ts";
import { results, rowResult, sample } from "./bench-results.ts";

describe("the table of the bench", () => {
  it("begins with the ratio, and holds every figure", () => {
    const [head, , line, ...rest] = renderTable(results([rowResult()])).split("\n");
    assert.equal(
      head,
      "| ratio | aim | what | peer | time | CPU time | memory | read | written | runs |",
    );
    assert.equal(
      line,
      "| **4.50x** |  | tarball to RPM: ours | peer <1> | 2.00 s : 9.00 s | 1.00 s : 4.50 s | 100 MiB : 100 MiB | 5.0 MiB : 5.0 MiB | 2.0 GiB : 2.0 GiB | 3 : 1 |",
    );
    assert.deepEqual(rest, [
      "",
      "Measured on 2026-01-02: CPU, 2 cores, 24 GiB of memory, Debian, Node 20.1.0.",
      "Left out: nfpm.",
      "",
    ]);
  });

  it("says when the sizes are not the usual ones", () => {
    const table = renderTable({ ...results([rowResult()]), scale: 0.1 });
    assert.match(table, /^Sizes are 0.1 of the usual ones\.$/m);
  });

  it("escapes what would end a cell", () => {
    assert.match(renderTable(results([rowResult({ title: "a | b" })])), /\| a \\\| b: ours \|/);
  });

  const aims: readonly (readonly [string, Parameters<typeof rowResult>[0], string, boolean])[] = [
    ["a ratio that is reached", { aims: [{ peer: "peer <1>", times: 4 }] }, "4.00x", false],
    ["a ratio that is missed", { aims: [{ peer: "peer <1>", times: 10 }] }, "10.0x, missed", true],
    ["the aim of another peer", { aims: [{ peer: "other", times: 10 }] }, "", false],
    ["a time that is kept", { seconds: 2 }, "2.00 s", false],
    ["a time that is exceeded", { seconds: 1.5 }, "1.50 s, missed", true],
    [
      "more memory than a process may take",
      { ours: { name: "ours", samples: [sample(2, { peakBytes: 201 * 1024 * 1024 })] } },
      "missed",
      true,
    ],
  ];
  for (const [what, row, cell, isMissed] of aims) {
    it(`has ${what}`, () => {
      const rows = [rowResult(row)];
      assert.deepEqual(compare(rows).map(missesAim), [isMissed]);
      assert.match(
        renderTable(results(rows)),
        new RegExp(`^\\| \\*\\*4.50x\\*\\* \\| ${cell} \\|`, "m"),
      );
    });
  }

  it("has a line for each peer", () => {
    const peers = [1, 2].map((seconds) => ({ name: `p${seconds}`, samples: [sample(seconds)] }));
    const lines = compare([rowResult({ peers })]).map(({ peer, ratio }) => [peer, ratio]);
    assert.deepEqual(lines, [
      ["p1", 0.5],
      ["p2", 1],
    ]);
  });

  it("has a short form for the README", () => {
    assert.equal(
      renderSummary(results([rowResult()])).split("\n")[4],
      "| **4.50x** | tarball to RPM | ours: 2.00 s | peer <1>: 9.00 s |",
    );
  });
});

describe("the picture of the bench", () => {
  const slow = rowResult({ peers: [{ name: "fast", samples: [sample(1)] }] });
  const svg = drawBars(results([rowResult({ aims: [{ peer: "peer <1>", times: 10 }] }), slow]));

  it("is a sound document with a bar for each ratio", () => {
    const root = parseXml(svg, "results.svg");
    assert.equal(root.name, "svg");
    assert.equal(svg.match(/<rect class="faster"/g)?.length, 1);
    assert.equal(svg.match(/<rect class="slower"/g)?.length, 1);
    assert.equal(svg.match(/<line class="aim"/g)?.length, 1);
    assert.match(svg, />4\.50x</);
    assert.match(svg, /peer &lt;1>/);
  });

  it("has colours for light and dark", () => {
    assert.match(svg, /@media \(prefers-color-scheme: dark\)/);
  });

  it("has only numbers for places", () => {
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
    const nothing = rowResult({ peers: [{ name: "none", samples: [] }] });
    assert.doesNotMatch(drawBars(results([nothing])), /NaN|Infinity|undefined/);
    assert.doesNotMatch(drawBars(results([])), /NaN|Infinity|undefined/);
  });
});

describe("what is between two comments", () => {
  it("is replaced, and nothing else", () => {
    const text = "a\n<!-- bench -->\n\nold\n\n<!-- /bench -->\nb\n";
    const expected = "a\n<!-- bench -->\n\nnew\n\n<!-- /bench -->\nb\n";
    assert.equal(replaceBetween(text, "bench", "new\n"), expected);
    assert.equal(replaceBetween(expected, "bench", "new\n"), expected);
  });

  it("must be there", () => {
    assert.throws(() => replaceBetween("text", "bench", ""), /expected <!-- bench -->/);
  });
});

import type { Results } from "../model.ts";
import { type Comparison, compare } from "./compare.ts";
import { formatRatio } from "./format-figures.ts";
import { describeMachine } from "./render-table.ts";

const WIDTH = 1170;
const LINE_HEIGHT = 26;
const TOP = 56;
/** Where bars begin and end, in pixels. */
const [LEFT, RIGHT] = [690, 1090];

/** The colours follow the reader's theme. */
const STYLE = `
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
text.title { font-weight: 600; font-size: 15px }
text.note { fill: #59636e }
text.what { text-anchor: end }
rect.faster { fill: #1a7f37 }
rect.slower { fill: #bc4c00 }
line { stroke: #59636e }
line.aim { stroke: #0550ae; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  text.note { fill: #9198a1 }
  rect.faster { fill: #3fb950 }
  rect.slower { fill: #db6d28 }
  line { stroke: #9198a1 }
  line.aim { stroke: #79c0ff }
}
`;

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** Places ratios on a logarithmic scale that holds all of them, and 1. */
function scaleOf(all: readonly Comparison[]): (ratio: number) => number {
  const values = [1, ...all.flatMap(({ ratio, aim }) => [ratio, aim ?? 1])].map(Math.log10);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const width = high - low || 1;
  return (ratio) => LEFT + ((Math.log10(ratio) - low) / width) * (RIGHT - LEFT);
}

function drawBar(one: Comparison, at: { y: number; x: (ratio: number) => number }): string {
  const { ratio, aim, title, peer } = one;
  const [start, end] = [at.x(1), at.x(ratio)];
  const [from, to] = [Math.min(start, end), Math.max(start, end)];
  const middle = at.y + LINE_HEIGHT / 2 + 4;
  return [
    `<text class="what" x="${LEFT - 20}" y="${middle}">${escape(`${title}, against ${peer}`)}</text>`,
    `<rect class="${ratio < 1 ? "slower" : "faster"}" x="${from.toFixed(1)}" y="${at.y + 4}" width="${Math.max(1, to - from).toFixed(1)}" height="${LINE_HEIGHT - 8}" rx="2"/>`,
    ...(aim === undefined
      ? []
      : [
          `<line class="aim" x1="${at.x(aim).toFixed(1)}" x2="${at.x(aim).toFixed(1)}" y1="${at.y + 1}" y2="${at.y + LINE_HEIGHT - 1}"/>`,
        ]),
    `<text x="${(Math.max(to, start) + 6).toFixed(1)}" y="${middle}">${formatRatio(ratio)}</text>`,
  ].join("\n");
}

/** Returns a picture of the ratios: a bar for each, to the right when the peer takes longer. */
export function drawBars(results: Results): string {
  const all = compare(results.rows).filter(({ ratio }) => Number.isFinite(ratio) && ratio > 0);
  const x = scaleOf(all);
  const bottom = TOP + all.length * LINE_HEIGHT;
  const height = bottom + 36;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="How many times as long other tools take as virt-appliance">`,
    `<style>${STYLE}</style>`,
    `<text class="title" x="20" y="24">How many times as long other tools take (logarithmic; line: aim)</text>`,
    `<line x1="${x(1).toFixed(1)}" x2="${x(1).toFixed(1)}" y1="${TOP - 6}" y2="${bottom + 4}"/>`,
    `<text class="note" x="${(x(1) - 8).toFixed(1)}" y="${TOP - 10}">1x</text>`,
    ...all.map((one, index) => drawBar(one, { y: TOP + index * LINE_HEIGHT, x })),
    `<text class="note" x="20" y="${height - 10}">${escape(describeMachine(results.machine))}</text>`,
    "</svg>",
  ].join("\n")}\n`;
}

/** A box of the picture: its place in pixels, and its text. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly title: string;
  readonly lines: readonly string[];
  /** The role whose background it has. */
  readonly role?: true;
}

/** An arrow between two points, with its command. */
interface Arrow {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly label: string;
}

const WIDTH = 1040;
const HEIGHT = 330;
const BOX_HEIGHT = 84;

const roles: readonly Box[] = [
  { x: 10, y: 10, width: 420, title: "builder", lines: [], role: true },
  { x: 440, y: 10, width: 240, title: "repository operator", lines: [], role: true },
  { x: 690, y: 10, width: 340, title: "KVM host", lines: [], role: true },
];

const boxes: readonly Box[] = [
  { x: 24, y: 60, width: 172, title: "appliance", lines: ["disk images and", "appliance.xml"] },
  {
    x: 24,
    y: 200,
    width: 172,
    title: "recipe",
    lines: ["kickstart, parameters,", "Puppet module"],
  },
  {
    x: 270,
    y: 130,
    width: 146,
    title: "signed RPM",
    lines: ["web-appliance", "-1.1-1.x86_64.rpm"],
  },
  {
    x: 498,
    y: 130,
    width: 168,
    title: "yum repository",
    lines: ["signed metadata,", "kept generations"],
  },
  {
    x: 790,
    y: 60,
    width: 226,
    title: "base images",
    lines: ["shared, written once,", "kept while a VM uses them"],
  },
  {
    x: 790,
    y: 200,
    width: 226,
    title: "VMs",
    lines: ["system disk: an overlay", "data disks: their own"],
  },
];

const arrows: readonly Arrow[] = [
  { from: [196, 102], to: [270, 156], label: "build" },
  { from: [196, 242], to: [270, 188], label: "build" },
  { from: [416, 172], to: [498, 172], label: "repo add" },
  { from: [666, 156], to: [790, 102], label: "dnf install" },
  { from: [800, 144], to: [800, 200], label: "create" },
  { from: [872, 144], to: [872, 200], label: "update, rollback" },
];

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

function drawBox({ x, y, width, title, lines, role }: Box): string {
  if (role === true) {
    return [
      `<rect class="role" x="${x}" y="${y}" width="${width}" height="${HEIGHT - 20}" rx="8"/>`,
      `<text class="role" x="${x + width / 2}" y="${y + 28}">${escape(title)}</text>`,
    ].join("\n");
  }
  const texts = lines.map(
    (line, n) => `<text x="${x + width / 2}" y="${y + 50 + n * 18}">${escape(line)}</text>`,
  );
  return [
    `<rect class="box" x="${x}" y="${y}" width="${width}" height="${BOX_HEIGHT}" rx="6"/>`,
    `<text class="title" x="${x + width / 2}" y="${y + 26}">${escape(title)}</text>`,
    ...texts,
  ].join("\n");
}

function drawArrow({ from: [x1, y1], to: [x2, y2], label }: Arrow): string {
  const isUpright = x1 === x2;
  const [x, y] = [(x1 + x2) / 2 + (isUpright ? 6 : 0), (y1 + y2) / 2 - (isUpright ? -5 : 16)];
  return [
    `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" marker-end="url(#head)"/>`,
    `<text class="${isUpright ? "command beside" : "command"}" x="${x}" y="${y}">${escape(label)}</text>`,
  ].join("\n");
}

/** The colours follow the reader's theme: GitHub and browsers apply the media query to images too. */
const STYLE = `
text { font: 14px system-ui, sans-serif; text-anchor: middle; fill: #1f2328 }
text.title { font-weight: 600; font-size: 15px }
text.role { font-weight: 600; fill: #59636e }
text.command { font-family: ui-monospace, monospace; font-size: 13px; fill: #0550ae }
text.beside { text-anchor: start }
rect.role { fill: #f6f8fa; stroke: #d1d9e0 }
rect.box { fill: #ffffff; stroke: #59636e }
line { stroke: #59636e; stroke-width: 1.5 }
path { fill: #59636e }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  text.role { fill: #9198a1 }
  text.command { fill: #79c0ff }
  rect.role { fill: #151b23; stroke: #3d444d }
  rect.box { fill: #0d1117; stroke: #9198a1 }
  line { stroke: #9198a1 }
  path { fill: #9198a1 }
}
`;

/** Returns the picture of the whole chain, from appliance and recipe to VMs, as an SVG document. */
export function drawChain(): string {
  const described =
    "An appliance or a recipe is built into a signed RPM, the RPM is added to a yum repository, dnf installs it on a KVM host, and VMs are created from its base images, updated and rolled back.";
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${described}">`,
    `<style>${STYLE}</style>`,
    `<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L10 5L0 10z"/></marker></defs>`,
    ...roles.map(drawBox),
    ...boxes.map(drawBox),
    ...arrows.map(drawArrow),
    "</svg>",
  ].join("\n")}\n`;
}

/** Documents as large as they may be, of one shape each; `#` counts up. */
export type Shape = readonly [name: string, make: (maxBytes: number) => string];

/** Repeats a text until the room is full. */
export function fill(text: string, room: number): string {
  const pieces: string[] = [];
  for (let size = 0, n = 0; ; n++) {
    const piece = text.replaceAll("#", String(n));
    size += Buffer.byteLength(piece);
    if (size > room) return pieces.join("");
    pieces.push(piece);
  }
}

/** Puts what fills the room between two texts. */
function within(head: string, repeated: string, tail: string): (maxBytes: number) => string {
  return (maxBytes) => head + fill(repeated, maxBytes - head.length - tail.length) + tail;
}

/** Shapes that any reader of XML meets, with the root that it expects. */
export function xmlShapes(root: string): readonly Shape[] {
  const [open, close] = [`<${root}>`, `</${root}>`];
  return [
    ["one long text", (max) => open + "x".repeat(max - 100) + close],
    ["one long run of spaces", (max) => open + " ".repeat(max - 100) + close],
    ["one long attribute", (max) => `<${root} a="${" ".repeat(max - 100)}"/>`],
    ["one long name", (max) => `${open}<${"a".repeat(max - 100)}/>${close}`],
    ["one long comment", (max) => `${open}<!--${"- ".repeat(max / 2 - 100)}-->${close}`],
    ["comments", within(open, "<!--#-->", close)],
    ["line ends", (max) => open + "\r\n".repeat(max / 2 - 100) + close],
    ["references", within(open, "&amp;", close)],
    ["small elements", within(open, "<a#/>", close)],
    ["the same element", within(open, "<a/>", close)],
    ["text between elements", within(open, "a<b/>", close)],
    ["namespaces", within(open, '<a# xmlns:p#="n#"/>', close)],
    ["open elements", (max) => open + "<a>".repeat(max / 3 - 100)],
    ["less-than signs", (max) => open + "<".repeat(max - 100)],
    ["ampersands", (max) => open + "&".repeat(max - 100)],
  ];
}

const DISK = '<disk id="d#" file="d#.raw" use="data" format="raw" size="1"/>';
const DRIVE = '<drive disk="d#"/>';

function descriptor(boots: string, devices: string, storage: string): string {
  return `<image><name version="1">a</name><domain>${boots}<devices><vcpu>1</vcpu><memory>1</memory>${devices}</devices></domain><storage>${storage}</storage></image>`;
}

function boot(drives: string): string {
  return `<boot type="hvm"><guest><arch>x86_64</arch></guest><os><loader dev="hd"/></os>${drives}</boot>`;
}

/** Descriptors whose parts name each other. */
export const descriptorShapes: readonly Shape[] = [
  ...xmlShapes("image"),
  ["disks", (max) => descriptor(boot(DRIVE), "", fill(DISK, max - 600))],
  ["disks of one name", (max) => descriptor(boot(DRIVE), "", fill(DISK.replaceAll("#", ""), max - 600))], // prettier-ignore
  ["disks, each in a drive", (max) => descriptor(boot(fill(DRIVE, max / 4)), "", fill(DISK, max / 2))], // prettier-ignore
  ["boots with the same drives", (max) => descriptor(fill(boot(DRIVE.repeat(20)), max / 2), "", fill(DISK, max / 3))], // prettier-ignore
  ["drives without disks", (max) => descriptor(boot(fill(DRIVE, max - 600)), "", "")],
  ["interfaces", (max) => descriptor(boot(""), fill("<interface/>", max - 600), "")],
  ["checksums", (max) => descriptor(boot(DRIVE), "", `<disk id="d0" file="d">${fill('<checksum type="sha256">#</checksum>', max - 600)}</disk>`)], // prettier-ignore
];

const DOMAIN_DISK =
  '<disk type="file" device="disk"><source file="/d#"/><target dev="vd#" bus="virtio"/><boot order="#"/></disk>';

/** Domains whose parts name each other. */
export const domainShapes: readonly Shape[] = [
  ...xmlShapes("domain"),
  ["disks", within("<domain><name>a</name><devices>", DOMAIN_DISK, "</devices></domain>")],
  ["disks at one target", within("<domain><name>a</name><devices>", DOMAIN_DISK.replaceAll("#", ""), "</devices></domain>")], // prettier-ignore
  ["boot devices", within("<domain><name>a</name><os>", '<boot dev="hd"/>', "</os></domain>")],
  ["interfaces", within("<domain><name>a</name><devices>", '<interface type="network"><mac address="52:54:00:00:00:0#"/></interface>', "</devices></domain>")], // prettier-ignore
];

const INSTANCE = 'xmlns:va="http://virt-appliance/instance/1"';

/** What the metadata of a domain may hold of ours. */
export const instanceShapes: readonly Shape[] = [
  ["disks", within(`<domain><metadata><va:instance ${INSTANCE} name="a" package="a"><va:current version="1" release="1" since="x" boot="0">`, '<va:disk id="d#" role="data" kind="copy" path="/d#" format="raw" target="vd#"/>', "</va:current></va:instance></metadata></domain>")], // prettier-ignore
  ["other metadata", within(`<domain><metadata>`, '<o:a xmlns:o="http://example.com/#"/>', "</metadata></domain>")], // prettier-ignore
];

const DATA =
  '<data type="t#"><checksum type="sha256">00</checksum><location href="repodata/a#"/><size>1</size></data>';

/** What stands at the root of a repository. */
export const repomdShapes: readonly Shape[] = [
  ...xmlShapes("repomd"),
  ["files", within('<repomd xmlns="http://linux.duke.edu/metadata/repo">', DATA, "</repomd>")],
  ["files of one type", within('<repomd xmlns="http://linux.duke.edu/metadata/repo">', DATA.replaceAll("#", ""), "</repomd>")], // prettier-ignore
];

/** Texts that are read line by line, or word by word. */
export const textShapes: readonly Shape[] = [
  ["spaces", (max) => " ".repeat(max)],
  ["line ends", (max) => "\n".repeat(max)],
  ["line ends of elsewhere", (max) => "\r\n".repeat(max / 2)],
  ["one word", (max) => "a".repeat(max)],
  ["digits", (max) => "1".repeat(max)],
  ["dots", (max) => "1.".repeat(max / 2)],
  ["tildes and carets", (max) => "~^".repeat(max / 2)],
  ["equals signs", (max) => "=".repeat(max)],
  ["lines with spaces at their end", (max) => fill(`a${" ".repeat(1000)}b\n`, max)],
  ["settings", (max) => fill("key#=value\n", max)],
  ["brackets", (max) => "[".repeat(max)],
  ["braces", (max) => '{"a":'.repeat(max / 5)],
  ["a list", (max) => `[${fill("0,", max - 10)}0]`],
  ["changes", (max) => fill("* Thu Jan 01 2026 A <a@example.com> - 1-#\n- x\n", max)],
  ["an author of spaces", (max) => `* Thu Jan 01 2026 A${" ".repeat(max - 100)}x`],
  ["dashes", (max) => `-----BEGIN PGP SIGNATURE-----\n\n${"-".repeat(max - 100)}`],
  ["armor", (max) => fill("-----BEGIN PGP SIGNATURE-----\n", max)],
];

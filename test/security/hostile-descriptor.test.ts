import assert from "node:assert/strict";
import { ApplianceError } from "../../src/errors.ts";
import { parseDescriptor } from "../../src/appliance/index.ts";
import { parseCapabilities, parseDomain } from "../../src/libvirt/index.ts";
import { assertShort } from "./cpu-time.ts";

/** Ten entities, each ten of the one before: a gigabyte when resolved. */
const laughs = Array.from(
  { length: 10 },
  (_, n) => `<!ENTITY l${n} "${n === 0 ? "ha" : `&l${n - 1};`.repeat(10)}">`,
).join("");

const bombs: readonly (readonly [string, (root: string) => string, RegExp])[] = [
  ["entities within entities", (r) => `<!DOCTYPE ${r} [${laughs}]><${r}>&l9;</${r}>`, /DOCTYPE/],
  [
    "an entity that is a file",
    (r) => `<!DOCTYPE ${r} [<!ENTITY f SYSTEM "file:///etc/passwd">]><${r}>&f;</${r}>`,
    /DOCTYPE/,
  ],
  [
    "a parameter entity from the net",
    (r) => `<!DOCTYPE ${r} [<!ENTITY % p SYSTEM "http://127.0.0.1:9/"> %p;]><${r}/>`,
    /DOCTYPE/,
  ],
  [
    "a DOCTYPE without end",
    (r) => `<!DOCTYPE ${r} [${"<!ENTITY a 'b'>".repeat(1000)}`,
    /expected|unexpected|root/,
  ],
  ["elements a million deep", (r) => `<${r}>${"<a>".repeat(1_000_000)}`, /levels|MiB/],
  ["elements a thousand deep", (r) => `<${r}>${"<a>".repeat(1000)}`, /levels/],
  [
    "a hundred thousand attributes",
    (r) => `<${r} ${Array.from({ length: 100_000 }, (_, n) => `a${n}=""`).join(" ")}/>`,
    /more than 256 attributes|MiB/,
  ],
  ["a NUL", (r) => `<${r}>\u0000</${r}>`, /disallowed character/],
  [
    "an escape sequence for the terminal",
    (r) => `<${r}>\u001b]0;x\u0007</${r}>`,
    /disallowed character/,
  ],
  ["half a character before a tag", (r) => `<${r}>\ud800</${r}>`, /disallowed character/],
];

describe("hostile XML", () => {
  for (const [what, make, message] of bombs) {
    it(`is refused as a descriptor: ${what}`, () => {
      const { appliance, problems } = parseDescriptor(make("image"), "bomb");
      assert.equal(appliance, undefined);
      assert.equal(problems.length, 1);
      assert.equal(problems[0]?.severity, "error");
      assert.match(problems[0]?.message ?? "", message);
    });

    for (const [root, parse] of [
      ["capabilities", parseCapabilities],
      ["domain", parseDomain],
    ] as const) {
      it(`is refused as ${root}: ${what}`, () => {
        assert.throws(() => parse(make(root)), ApplianceError);
      });
    }
  }

  it("with tens of thousands of mistakes gives a list that can be read", () => {
    const document = `<image><name>x</name>${"<a/>".repeat(40_000)}</image>`;
    const { problems } = parseDescriptor(document, "bomb");
    assert(problems.length <= 1000, String(problems.length));
    assert(problems.some((problem) => problem.code === "domain-missing"));
  });

  it("with tens of thousands of disks and drives is refused in good time", () => {
    const disks = Array.from({ length: 12_000 }, (_, n) => `<disk file="${n}"/>`).join("");
    const drives = Array.from({ length: 12_000 }, (_, n) => `<drive disk="${n}"/>`).join("");
    const text = `<image><name>x</name><domain><boot type="hvm"><guest><arch>x86_64</arch></guest>${drives}</boot></domain><storage>${disks}</storage></image>`;
    assertShort(() => {
      const { appliance, problems } = parseDescriptor(text, "bomb");
      assert.equal(appliance, undefined);
      assert(problems.some((problem) => problem.code === "too-many"));
    });
  });

  it("repeats no more of itself in messages than a line", () => {
    const long = "x".repeat(500_000);
    for (const document of [
      `<image><name>${long}</name></image>`,
      `<${long}/>`,
      `<image><${long} a="1"/></image>`,
      `<image ${long}="1"/>`,
      `<image><domain><boot type="${long}"/></domain></image>`,
    ]) {
      for (const { message } of parseDescriptor(document, "bomb").problems) {
        assert(message.length < 400, `${message.length}: ${message.slice(0, 100)}`);
      }
    }
  });

  it("cannot reach into the prototypes of objects", () => {
    const { problems } = parseDescriptor(
      `<image __proto__="1" constructor="2"><__proto__ toString="3"/><constructor/><name>x</name>
      <domain><boot type="hvm"><guest><arch>constructor</arch><features><__proto__ state="on"/></features></guest>
      <drive disk="__proto__" target="constructor"/></boot></domain>
      <storage><disk file="__proto__"/></storage></image>`,
      "bomb",
    );
    assert.equal(problems.filter((problem) => problem.code === "unknown-element").length, 3);
    assert.equal(Object.hasOwn(Object.prototype, "state"), false);
    const capabilities = parseCapabilities(
      `<capabilities><guest><os_type>hvm</os_type><arch name="x86_64"/><features><__proto__ default="on"/></features></guest></capabilities>`,
    );
    assert.equal(Object.getPrototypeOf(capabilities.guests[0]?.features), Object.prototype);
  });
});

import assert from "node:assert/strict";
import * as fc from "fast-check";
import { ApplianceError } from "../../../src/errors.ts";
import {
  attributeOf,
  childOf,
  childrenOf,
  childText,
  type XmlElement,
} from "../../../src/lib/xml/tree.ts";
import { escapeAttribute, escapeText } from "../../../src/lib/xml/write.ts";
import { parseXml } from "../../../src/lib/xml/parse.ts";
import { streamXml } from "../../../src/lib/xml/stream.ts";
import type { XmlLimits } from "../../../src/lib/xml/reader.ts";

async function* chunksOf(
  document: string | Uint8Array,
  size: number,
): AsyncGenerator<string | Uint8Array> {
  for (let at = 0; at < document.length; at += size) yield document.slice(at, at + size);
}

/** Reads a document with the streaming reader into a text that shows all that was reported. */
async function trace(document: string | Uint8Array, size: number): Promise<string> {
  let out = "";
  await streamXml(
    chunksOf(document, size),
    {
      open: (e) => {
        const attributes = e.attributes.map((a) => ` {${a.namespace}}${a.name}=${a.value}`);
        out += `<{${e.namespace}}${e.name}${attributes.join("")}@${e.line}/${e.depth}>`;
      },
      text: (text) => (out += text),
      close: (name) => (out += `</${name}>`),
    },
    { origin: "doc" },
  );
  return out;
}

describe("parseXml", () => {
  it("returns elements, attributes and text in document order with their positions", () => {
    const root = parseXml(
      '<?xml version="1.0"?>\n<a x="1" y="&lt;2"> t\n  <b\n/>u<b>v</b></a>',
      "doc",
    );
    assert.deepEqual([root.name, root.line, root.column], ["a", 2, 1]);
    assert.equal(root.text, " t\n  u");
    assert.equal(root.textLine, 2);
    assert.equal(attributeOf(root, "y"), "<2");
    assert.equal(attributeOf(root, "z"), undefined);
    assert.deepEqual(
      childrenOf(root, "b").map((b) => [b.line, b.column, b.text]),
      [
        [3, 3, ""],
        [4, 4, "v"],
      ],
    );
    assert.equal(childText(root, "b"), undefined);
    assert.equal(childOf(root, "c"), undefined);
  });

  it("resolves namespaces, and gives an attribute without prefix none", () => {
    const root = parseXml('<p:a xmlns:p="urn:p" xmlns="urn:d" x="1" p:x="2"><b/></p:a>', "doc");
    assert.equal(root.namespace, "urn:p");
    assert.deepEqual(root.attributes, [
      { name: "x", namespace: "", value: "1" },
      { name: "x", namespace: "urn:p", value: "2" },
    ]);
    assert.equal(childOf(root, "b"), undefined);
    assert.equal(childOf(root, "b", "urn:d")?.name, "b");
  });

  it("finds the line of text behind blank lines, comments and line ends of every kind", () => {
    const root = parseXml("<a>\r\n\r<b/>\n<!-- no\ncomment -->\n  here\nand there\n</a>", "doc");
    assert.equal(childOf(root, "b")?.line, 3);
    assert.equal(root.textLine, 6);
  });

  it("reads bytes, with or without a byte order mark", () => {
    assert.equal(parseXml(Buffer.from("\ufeff<a>é</a>"), "doc").text, "é");
    assert.equal(
      parseXml(Buffer.from('<?xml version="1.0" encoding="UTF-8"?><a>é</a>'), "doc").text,
      "é",
    );
  });

  it("reads CDATA and character numbers as text", () => {
    assert.equal(parseXml("<a><![CDATA[<&]]>&#65;&#x1F600;</a>", "doc").text, "<&A\u{1F600}");
  });

  const refused: readonly (readonly [
    string,
    string | Uint8Array,
    string,
    RegExp,
    Partial<XmlLimits>?,
  ])[] = [
    ["nothing", "", "LIB_XML_MALFORMED", /root element/],
    ["plain text", "hello", "LIB_XML_MALFORMED", /^doc:1:5: not well-formed/],
    ["an unclosed tag", "<a>\n<b></a>", "LIB_XML_MALFORMED", /^doc:2:/],
    ["a truncated document", "<a><b", "LIB_XML_MALFORMED", /^doc:1:/],
    ["two roots", "<a/><b/>", "LIB_XML_MALFORMED", /root/],
    [
      "a duplicate attribute",
      '<a\n x="1" x="2"/>',
      "LIB_XML_MALFORMED",
      /^doc:2:14: .*duplicate attribute: x/,
    ],
    [
      "an attribute that is a duplicate through namespaces",
      '<a xmlns:p="u" xmlns:q="u" p:x="1" q:x="2"/>',
      "LIB_XML_MALFORMED",
      /duplicate attribute/,
    ],
    ["an unbound prefix", "<p:a/>", "LIB_XML_MALFORMED", /unbound namespace prefix/],
    ["a DOCTYPE", "<!DOCTYPE a>\n<a/>", "LIB_XML_DOCTYPE", /^doc:1:12: /],
    [
      "a DOCTYPE of a file",
      '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
      "LIB_XML_DOCTYPE",
      /DOCTYPE/,
    ],
    ["an entity of HTML", "<a>&nbsp;</a>", "LIB_XML_ENTITY", /^doc:1:9: unknown entity/],
    [
      "an entity named like a property of objects",
      "<a>&constructor;</a>",
      "LIB_XML_ENTITY",
      /entity/,
    ],
    ["an entity in an attribute", '<a x="&e;"/>', "LIB_XML_ENTITY", /entity/],
    ["a bare ampersand", "<a>R&D</a>", "LIB_XML_MALFORMED", /not well-formed/],
    ["a control character", "<a>\u0001</a>", "LIB_XML_MALFORMED", /disallowed character/],
    ["the number of a control character", "<a>&#1;</a>", "LIB_XML_MALFORMED", /character entity/],
    [
      "a control character of XML 1.1",
      '<?xml version="1.1"?><a>&#1;</a>',
      "LIB_XML_MALFORMED",
      /entity/,
    ],
    [
      "bytes that are not UTF-8",
      Buffer.from([0x3c, 0x61, 0x3e, 0xe9]),
      "LIB_XML_MALFORMED",
      /UTF-8/,
    ],
    ["UTF-16", Buffer.from("\ufeff<a/>", "utf16le"), "LIB_XML_MALFORMED", /UTF-8/],
    [
      "another encoding that matters",
      '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>',
      "LIB_XML_MALFORMED",
      /"iso-8859-1", expected UTF-8/,
    ],
    [
      "too many bytes",
      "<a>ééé</a>",
      "LIB_XML_LIMIT",
      /document of 13 B, expected at most 11 B/,
      { maxBytes: 11 },
    ],
    [
      "too many levels",
      "<a><a><a/></a></a>",
      "LIB_XML_LIMIT",
      /more than 2 levels/,
      { maxDepth: 2 },
    ],
    [
      "too many nodes",
      '<a x="1"><b/></a>',
      "LIB_XML_LIMIT",
      /more than 2 elements/,
      { maxNodes: 2 },
    ],
    [
      "too many attributes",
      '<a x="" y=""/>',
      "LIB_XML_LIMIT",
      /more than 1 attributes/,
      { maxAttributes: 1 },
    ],
  ];
  for (const [what, document, code, message, limits] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => parseXml(document, "doc", limits),
        (error) => {
          assert(error instanceof ApplianceError, String(error));
          assert.equal(error.code, code);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  it("reads plain ASCII whatever encoding is declared", () => {
    assert.equal(parseXml('<?xml version="1.0" encoding="ISO-8859-1"?><a>e</a>', "doc").text, "e");
  });
});

describe("streamXml", () => {
  const document =
    '<?xml version="1.0"?>\r\n<a xmlns="urn:d" xmlns:p="urn:p"\n p:x="é&amp;1">\n<b\n/>😀 t<!-- c -->u</a>';
  const expected = "<{urn:d}a {urn:p}x=é&1@2/1>\n<{urn:d}b@4/2></b>😀 tu</a>";

  for (const size of [1, 2, 7, 1000]) {
    it(`reports the same for bytes in chunks of ${size}`, async () => {
      assert.equal(await trace(Buffer.from(document), size), expected);
    });
  }

  for (const size of [1, 3, 1000]) {
    it(`reports the same for text in pieces of ${size}`, async () => {
      assert.equal(await trace(document, size), expected);
    });
  }

  const refused: readonly (readonly [string, string, string])[] = [
    ["a DOCTYPE", "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "LIB_XML_DOCTYPE"],
    ["an unknown entity", "<a>&e;</a>", "LIB_XML_ENTITY"],
    ["a truncated document", "<a><b>", "LIB_XML_MALFORMED"],
    ["half a character at the end", "<a/>é", "LIB_XML_MALFORMED"],
    ["half a character of UTF-16", "<a>\ud800</a>", "LIB_XML_MALFORMED"],
  ];
  for (const [what, document, code] of refused) {
    it(`refuses ${what}`, async () => {
      const cut = document.includes("é") ? Buffer.from(document).subarray(0, -1) : document;
      await assert.rejects(trace(cut, 5), { code });
    });
  }

  it("refuses a token without end before it fills the memory", async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<string> {
      yield '<a x="';
      for (;;) {
        given += 1;
        yield "x".repeat(64 * 1024);
      }
    }
    await assert.rejects(
      streamXml(endless(), {}, { origin: "doc", limits: { maxTokenChars: 1024 * 1024 } }),
      { code: "LIB_XML_LIMIT" },
    );
    assert(given < 20);
  });

  it("passes on what a handler throws", async () => {
    const open = (): never => {
      throw new RangeError("1:2: mine");
    };
    await assert.rejects(streamXml(chunksOf("<a/>", 9), { open }, { origin: "doc" }), RangeError);
  });
});

describe("escaping", () => {
  const characters = (min: number, max: number): fc.Arbitrary<string> =>
    fc.integer({ min, max }).map((code) => String.fromCodePoint(code));
  const xmlText = fc.string({
    unit: fc.oneof(
      fc.constantFrom("\t", "\n", "\r", "\r\n", "&", "<", "]]>", '"', "'", " "),
      characters(0x20, 0xd7ff),
      characters(0xe000, 0xfffd),
      characters(0x10000, 0x10ffff),
    ),
  });

  it("gives text and attributes that a parser reads back unchanged", () => {
    fc.assert(
      fc.property(xmlText, xmlText, (text, value) => {
        const root: XmlElement = parseXml(
          `<a x="${escapeAttribute(value)}">${escapeText(text)}</a>`,
          "doc",
        );
        assert.equal(root.text, text);
        assert.equal(attributeOf(root, "x"), value);
      }),
    );
  });

  for (const bad of ["\u0000", "\u001b[31m", "\ud800", "\uffff"]) {
    it(`refuses ${JSON.stringify(bad)}`, () => {
      assert.throws(() => escapeText(`x${bad}`), { code: "LIB_XML_CHARACTER" });
      assert.throws(() => escapeAttribute(bad), { code: "LIB_XML_CHARACTER" });
    });
  }
});

import { SaxesParser } from "saxes";
import type { SaxesAttributeNS } from "saxes";
import { ApplianceError } from "../errors.ts";
import type { XmlAttribute, XmlElement } from "./xml-tree.ts";

/** What is refused as too much: XML comes from outside. */
export interface XmlLimits {
  /** Whole document, in bytes of UTF-8. */
  readonly maxBytes: number;
  /** Elements inside elements; the root is at depth 1. */
  readonly maxDepth: number;
  /** Elements and attributes together. */
  readonly maxNodes: number;
  /** Attributes of one element, declarations of namespaces included. */
  readonly maxAttributes: number;
  /** One run of text, attribute value, comment or tag, in UTF-16 units. */
  readonly maxTokenChars: number;
}

const treeLimits: XmlLimits = {
  maxBytes: 4 * 1024 * 1024,
  maxDepth: 64,
  maxNodes: 100_000,
  maxAttributes: 256,
  maxTokenChars: 4 * 1024 * 1024,
};

const streamLimits: XmlLimits = {
  maxBytes: 4 * 1024 * 1024 * 1024,
  maxDepth: 64,
  maxNodes: Number.MAX_SAFE_INTEGER,
  maxAttributes: 256,
  maxTokenChars: 16 * 1024 * 1024,
};

/** An opening tag as {@link streamXml} meets it. */
export interface XmlStart extends Pick<XmlElement, "name" | "namespace" | "attributes" | "line"> {
  /** 1 for the root. */
  readonly depth: number;
}

/** What {@link streamXml} calls, in document order. An error thrown by a handler ends the reading and passes through. */
export interface XmlHandlers {
  open?(start: XmlStart): void;
  /** Character data; one run of text may come in several pieces. */
  text?(text: string): void;
  /** @param name  local name of the element that ends */
  close?(name: string, namespace: string): void;
}

const XMLNS = "http://www.w3.org/2000/xmlns/";
const SAXES_OPTIONS = { xmlns: true, defaultXMLVersion: "1.0", forceXMLVersion: true } as const;
type Saxes = SaxesParser<typeof SAXES_OPTIONS>;
const WRITE_CHARS = 64 * 1024;

function ownAttributes(all: Record<string, SaxesAttributeNS>): readonly XmlAttribute[] {
  const own: XmlAttribute[] = [];
  for (const { local, uri, value } of Object.values(all)) {
    if (uri !== XMLNS) own.push({ name: local, namespace: uri, value });
  }
  return own;
}

/** Drives one saxes parser: refuses what is not wanted, and turns its errors into ours. */
class Reader {
  readonly parser: Saxes = new SaxesParser(SAXES_OPTIONS);
  readonly origin: string;
  readonly limits: XmlLimits;
  encoding: string | undefined;
  /** Offset in the document just after the name of the tag that is being read. */
  tagPosition = 0;
  #depth = 0;
  #nodes = 0;
  #attributes = 0;
  #startLine = 0;
  #quietChars = 0;
  #half = "";

  constructor(origin: string, limits: XmlLimits, handlers: XmlHandlers) {
    this.origin = origin;
    this.limits = limits;
    const { parser } = this;
    parser.on("error", (error) => this.#refuse(error));
    parser.on("xmldecl", (declaration) => (this.encoding = declaration.encoding?.toLowerCase()));
    parser.on("doctype", () => {
      throw new ApplianceError(
        "LIB_XML_DOCTYPE",
        `${this.place()}: document has a DOCTYPE, expected none`,
        { hint: "remove the <!DOCTYPE ...> declaration" },
      );
    });
    parser.on("opentagstart", () => {
      this.#quietChars = 0;
      this.#attributes = 0;
      // The character after the name has been read; a line feed there has been counted already.
      this.#startLine = parser.line - (parser.columnIndex === 0 ? 1 : 0);
      this.tagPosition = parser.position;
      this.#depth += 1;
      this.#count("maxDepth", this.#depth, "levels of elements");
      this.#nodes += 1;
      this.#count("maxNodes", this.#nodes, "elements and attributes");
    });
    parser.on("attribute", () => {
      this.#quietChars = 0;
      this.#attributes += 1;
      this.#count("maxAttributes", this.#attributes, "attributes of one element");
      this.#nodes += 1;
      this.#count("maxNodes", this.#nodes, "elements and attributes");
    });
    parser.on("opentag", (tag) => {
      handlers.open?.({
        name: tag.local,
        namespace: tag.uri,
        attributes: ownAttributes(tag.attributes),
        line: this.#startLine,
        depth: this.#depth,
      });
    });
    const text = (value: string): void => {
      this.#quietChars = 0;
      if (this.#depth > 0) handlers.text?.(value);
    };
    parser.on("text", text);
    parser.on("cdata", text);
    parser.on("comment", () => (this.#quietChars = 0));
    parser.on("closetag", (tag) => {
      this.#quietChars = 0;
      this.#depth -= 1;
      handlers.close?.(tag.local, tag.uri);
    });
  }

  place(): string {
    return `${this.origin}:${this.parser.line}:${this.parser.column}`;
  }

  #count(limit: keyof XmlLimits, found: number, what: string): void {
    if (found > this.limits[limit]) throw this.tooMuch(`more than ${this.limits[limit]} ${what}`);
  }

  tooMuch(what: string): ApplianceError {
    return new ApplianceError("LIB_XML_LIMIT", `${this.place()}: document has ${what}`);
  }

  /** Called by saxes instead of throwing; the message starts with the place, which ours has already. */
  #refuse(error: Error): never {
    const found = error.message.replace(/^\d+:\d+: /, "");
    if (found.startsWith("undefined entity")) {
      throw new ApplianceError(
        "LIB_XML_ENTITY",
        `${this.place()}: unknown entity, expected &amp; &lt; &gt; &quot; &apos; or a character number`,
        { cause: error },
      );
    }
    throw new ApplianceError(
      "LIB_XML_MALFORMED",
      `${this.place()}: not well-formed XML: ${found.slice(0, 200).replace(/\.$/, "")}`,
      { cause: error },
    );
  }

  write(chunk: string): void {
    // Half a character at the end waits for its other half. A lone half is refused here: saxes would take the next
    // character, whatever it is, for the missing one.
    const whole = this.#half + chunk;
    this.#half = /[\ud800-\udbff]$/.exec(whole)?.[0] ?? "";
    const text = whole.slice(0, whole.length - this.#half.length);
    if (/\p{Surrogate}/u.test(text)) this.#refuse(new Error("disallowed character"));
    for (let at = 0; at < text.length; at += WRITE_CHARS) {
      const piece = text.slice(at, at + WRITE_CHARS);
      this.#quietChars += piece.length;
      this.parser.write(piece);
      this.#count("maxTokenChars", this.#quietChars - WRITE_CHARS, "characters in one token");
    }
  }

  close(): void {
    if (this.#half !== "") this.#refuse(new Error("disallowed character"));
    this.parser.close();
  }
}

function decodeUtf8(bytes: Uint8Array, origin: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ApplianceError("LIB_XML_MALFORMED", `${origin}: document is not in UTF-8`, { cause });
  }
}

function requireUtf8(encoding: string | undefined, origin: string): void {
  if (encoding === undefined || ["utf-8", "utf8", "us-ascii", "ascii"].includes(encoding)) return;
  throw new ApplianceError(
    "LIB_XML_MALFORMED",
    `${origin}: document declares the encoding "${encoding}", expected UTF-8`,
    { hint: "convert it with iconv, and change the declaration" },
  );
}

interface Growing extends XmlElement {
  readonly children: XmlElement[];
  text: string;
  textLine: number | undefined;
}

/** Answers line and column of offsets asked for in growing order, in time linear in the document. */
function makePlaces(text: string): (offset: number) => { line: number; column: number } {
  const ends = text.matchAll(/\r\n|\r|\n/g);
  let next = ends.next();
  let line = 1;
  let lineStart = 0;
  return (offset) => {
    while (next.done !== true && next.value.index < offset) {
      line += 1;
      lineStart = next.value.index + next.value[0].length;
      next = ends.next();
    }
    return { line, column: offset - lineStart + 1 };
  };
}

/**
 * Answers the root of a document as a tree with places. Comments and processing instructions are left out.
 * A document type, entities other than the five of XML itself, and what exceeds the limits is refused.
 *
 * @param document  text, or bytes of UTF-8
 * @param origin  what the document is, for messages
 * @param limits  4 MiB, 64 levels, 100,000 elements and attributes, 256 attributes of one element unless told
 * @throws ApplianceError `LIB_XML_MALFORMED` (with line and column), `LIB_XML_DOCTYPE`, `LIB_XML_ENTITY`, `LIB_XML_LIMIT`
 */
export function parseXml(
  document: string | Uint8Array,
  origin: string,
  limits: Partial<XmlLimits> = {},
): XmlElement {
  const caps = { ...treeLimits, ...limits };
  const sizeBytes =
    typeof document === "string" ? Buffer.byteLength(document) : document.byteLength;
  if (sizeBytes > caps.maxBytes) {
    throw new ApplianceError(
      "LIB_XML_LIMIT",
      `${origin}: document has ${sizeBytes} bytes, expected at most ${caps.maxBytes}`,
    );
  }
  const text = typeof document === "string" ? document : decodeUtf8(document, origin);
  const placeOf = makePlaces(text);
  const open: Growing[] = [];
  let root: XmlElement | undefined;
  const reader = new Reader(origin, caps, {
    open({ name, namespace, attributes }) {
      const place = placeOf(text.lastIndexOf("<", reader.tagPosition - 1));
      const element: Growing = {
        name,
        namespace,
        attributes,
        children: [],
        text: "",
        textLine: undefined,
        ...place,
      };
      root ??= element;
      open.at(-1)?.children.push(element);
      open.push(element);
    },
    text(value) {
      const element = open.at(-1);
      if (element === undefined) return;
      element.text += value;
      if (element.textLine === undefined && value.trim() !== "") {
        // The parser stands behind the text now; what follows the first character is counted back.
        const after = value.slice(value.search(/\S/)).split("\n").length - 1;
        element.textLine = reader.parser.line - after;
      }
    },
    close() {
      open.pop();
    },
  });
  reader.write(text);
  reader.close();
  if (/[\u0080-\uffff]/.test(text)) requireUtf8(reader.encoding, origin);
  if (root === undefined) throw new TypeError("a closed reader has seen a root");
  return root;
}

/**
 * Reads a document of any size, calling the handlers as it goes; memory stays flat. Refuses what {@link parseXml}
 * refuses, but the caps on the whole are 4 GiB, and no count of elements.
 *
 * @param chunks  text, or bytes of UTF-8, cut anywhere
 * @throws ApplianceError as {@link parseXml}
 */
export async function streamXml(
  chunks: AsyncIterable<string | Uint8Array>,
  handlers: XmlHandlers,
  options: { readonly origin: string; readonly limits?: Partial<XmlLimits> },
): Promise<void> {
  const { origin } = options;
  const limits = { ...streamLimits, ...options.limits };
  const reader = new Reader(origin, limits, handlers);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (chunk?: Uint8Array): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch (cause) {
      throw new ApplianceError("LIB_XML_MALFORMED", `${reader.place()}: document is not in UTF-8`, {
        cause,
      });
    }
  };
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += typeof chunk === "string" ? Buffer.byteLength(chunk) : chunk.byteLength;
    if (sizeBytes > limits.maxBytes) throw reader.tooMuch(`more than ${limits.maxBytes} bytes`);
    reader.write(typeof chunk === "string" ? chunk : decode(chunk));
    requireUtf8(reader.encoding, origin);
  }
  reader.write(decode());
  reader.close();
}

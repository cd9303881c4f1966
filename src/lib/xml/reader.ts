import { type SaxesAttributeNS, SaxesParser } from "saxes";
import { ApplianceError } from "../../errors.ts";
import type { XmlAttribute, XmlElement } from "./tree.ts";

/** Limits on untrusted XML. */
export interface XmlLimits {
  /** Size of the document, in bytes of UTF-8. */
  readonly maxBytes: number;
  /** Nesting of elements; the root is at depth 1. */
  readonly maxDepth: number;
  /** Total number of elements and attributes. */
  readonly maxNodes: number;
  /** Number of attributes of one element, including namespace declarations. */
  readonly maxAttributes: number;
  /** Length of one run of text, attribute value, comment or tag, in UTF-16 units. */
  readonly maxTokenChars: number;
}

/** An opening tag as {@link XmlReader} reports it. */
export interface XmlStart extends Pick<XmlElement, "name" | "namespace" | "attributes" | "line"> {
  /** 1 for the root. */
  readonly depth: number;
}

/** Handlers that {@link XmlReader} calls in document order. An error of a handler ends the reading and is rethrown. */
export interface XmlHandlers {
  open?(start: XmlStart): void;
  /** Character data; one run of text may arrive in several pieces. */
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

/** Drives one saxes parser. Refuses unsupported input, and converts errors of saxes into `ApplianceError`. */
export class XmlReader {
  readonly parser: Saxes = new SaxesParser(SAXES_OPTIONS);
  readonly origin: string;
  readonly limits: XmlLimits;
  encoding: string | undefined;
  /** Offset in the document directly after the name of the current tag. */
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
      // The parser has read the character after the name; if it is a line feed, it is already counted.
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

  /** saxes calls this instead of throwing. Its message starts with the place, which the new message also contains. */
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
    // A high surrogate at the end is kept for the next chunk. A lone surrogate is refused here: saxes would combine it
    // with the next character, whatever that is.
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

/** @throws ApplianceError `LIB_XML_MALFORMED` when a document declares an encoding that is not UTF-8 or part of it */
export function requireUtf8(encoding: string | undefined, origin: string): void {
  if (encoding === undefined || ["utf-8", "utf8", "us-ascii", "ascii"].includes(encoding)) return;
  throw new ApplianceError(
    "LIB_XML_MALFORMED",
    `${origin}: document declares the encoding "${encoding}", expected UTF-8`,
    { hint: "convert it with iconv, and change the declaration" },
  );
}

import { ApplianceError } from "../../errors.ts";
import { formatSize, formatSizes } from "../format-size.ts";
import { requireUtf8, type XmlLimits, XmlReader } from "./reader.ts";
import type { XmlElement } from "./tree.ts";

const treeLimits: XmlLimits = {
  maxBytes: 4 * 1024 * 1024,
  maxDepth: 64,
  maxNodes: 100_000,
  maxAttributes: 256,
  maxTokenChars: 4 * 1024 * 1024,
};

function decodeUtf8(bytes: Uint8Array, origin: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ApplianceError("LIB_XML_MALFORMED", `${origin}: document is not in UTF-8`, { cause });
  }
}

interface Growing extends XmlElement {
  readonly children: XmlElement[];
  text: string;
  textLine: number | undefined;
}

/** Returns a function from offset to line and column. Offsets must be ascending; the total time is linear. */
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

function tooLarge(origin: string, sizeBytes: number, maxBytes: number): ApplianceError {
  const [found, most] = formatSizes(sizeBytes, maxBytes);
  // Callers read at most one byte beyond the limit, so the real size of the document may be larger.
  const fact =
    sizeBytes === maxBytes + 1
      ? `document is larger than ${formatSize(maxBytes)}, the most that is accepted`
      : `document of ${found}, expected at most ${most}`;
  return new ApplianceError("LIB_XML_LIMIT", `${origin}: ${fact}`);
}

/**
 * Parses a document and returns its root element, with lines and columns. Comments and processing instructions are
 * omitted. A document type, entities other than the five predefined ones, and anything beyond the limits are refused.
 *
 * @param document  text, or bytes of UTF-8
 * @param origin  name of the document in messages
 * @param limits  default: 4 MiB, 64 levels, 100,000 elements and attributes, 256 attributes per element
 * @throws ApplianceError `LIB_XML_MALFORMED` (with line and column), `LIB_XML_DOCTYPE`, `LIB_XML_ENTITY`,
 *   `LIB_XML_LIMIT`
 */
export function parseXml(
  document: string | Uint8Array,
  origin: string,
  limits: Partial<XmlLimits> = {},
): XmlElement {
  const caps = { ...treeLimits, ...limits };
  const sizeBytes =
    typeof document === "string" ? Buffer.byteLength(document) : document.byteLength;
  if (sizeBytes > caps.maxBytes) throw tooLarge(origin, sizeBytes, caps.maxBytes);
  const text = typeof document === "string" ? document : decodeUtf8(document, origin);
  const placeOf = makePlaces(text);
  const open: Growing[] = [];
  let root: XmlElement | undefined;
  const reader = new XmlReader(origin, caps, {
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
        // The parser is at the end of the text. Subtract the lines after the first character.
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

import { type Document, DOMParser, type Element, XMLSerializer } from "@xmldom/xmldom";
import { ApplianceError } from "../../errors.ts";
import { parseXml } from "./parse.ts";

/** An element of a document that is being edited. Everything that is not edited is kept, including comments. */
export type EditedElement = Element;

/** Properties of a new element. */
export interface NewElement {
  /** Name, with a prefix if the element has its own namespace: `va:disk`. */
  readonly name: string;
  readonly namespace?: string;
  readonly attributes?: Readonly<Record<string, string | undefined>>;
  readonly text?: string;
}

function parse(document: string, origin: string): Document {
  // The strict parser runs first, because it refuses input that the lenient one accepts.
  parseXml(document, origin, { maxBytes: 16 * 1024 * 1024, maxNodes: 1_000_000 });
  const parser = new DOMParser({
    onError: (_level, message) => {
      throw new ApplianceError("LIB_XML_MALFORMED", `${origin}: ${message}`);
    },
  });
  return parser.parseFromString(document, "text/xml");
}

/**
 * Returns a document with changes applied.
 *
 * @param origin  name of the document in messages
 * @param edit  receives the root element
 * @throws ApplianceError as `parseXml`
 */
export function editXml(
  document: string,
  origin: string,
  edit: (root: EditedElement) => void,
): string {
  const parsed = parse(document, origin);
  const root = parsed.documentElement;
  if (root === null) throw new TypeError("a parsed document has a root");
  edit(root);
  return new XMLSerializer().serializeToString(parsed);
}

function isElement(node: { readonly nodeType: number }): node is Element {
  return node.nodeType === 1;
}

/** Returns the child elements with a name, in document order. Default: no namespace. */
export function elementsOf(
  parent: EditedElement,
  name: string,
  namespace: string | null = null,
): readonly EditedElement[] {
  return Array.from(parent.childNodes)
    .filter(isElement)
    .filter((child) => child.localName === name && (child.namespaceURI ?? null) === namespace);
}

/** Returns the first child element with a name, or undefined if there is none. */
export function elementOf(
  parent: EditedElement,
  name: string,
  namespace: string | null = null,
): EditedElement | undefined {
  return elementsOf(parent, name, namespace)[0];
}

/** Makes an element, appends it or inserts it before a child of the parent, and returns it. */
export function addElement(
  parent: EditedElement,
  spec: NewElement,
  before?: EditedElement,
): EditedElement {
  const document = parent.ownerDocument;
  if (document === null) throw new TypeError("an element being edited has a document");
  const element = document.createElementNS(spec.namespace ?? null, spec.name);
  for (const [name, value] of Object.entries(spec.attributes ?? {})) {
    if (value !== undefined) element.setAttribute(name, value);
  }
  if (spec.text !== undefined) element.appendChild(document.createTextNode(spec.text));
  parent.insertBefore(element, before ?? null);
  return element;
}

/** Removes an element from its document. */
export function removeElement(element: EditedElement): void {
  element.parentNode?.removeChild(element);
}

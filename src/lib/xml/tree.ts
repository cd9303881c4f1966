/** An attribute, with its namespace resolved. Namespace declarations are not attributes here. */
export interface XmlAttribute {
  /** Local name, without prefix. */
  readonly name: string;
  /** Empty for an attribute without prefix, regardless of the element's namespace. */
  readonly namespace: string;
  readonly value: string;
}

/** An element of a parsed document. */
export interface XmlElement {
  /** Local name, without prefix. */
  readonly name: string;
  /** Empty for an element without a namespace. */
  readonly namespace: string;
  /** In document order; the combination of name and namespace is unique. */
  readonly attributes: readonly XmlAttribute[];
  /** In document order. */
  readonly children: readonly XmlElement[];
  /** All character data directly inside the element, joined, unchanged. */
  readonly text: string;
  /** 1-based line of the first character directly inside that is not white space; undefined if there is none. */
  readonly textLine: number | undefined;
  /** 1-based line of the opening `<`. */
  readonly line: number;
  /** 1-based column of the opening `<`, in UTF-16 units. */
  readonly column: number;
}

/** Returns the value of an attribute, or undefined if there is none. */
export function attributeOf(
  element: Pick<XmlElement, "attributes">,
  name: string,
  namespace = "",
): string | undefined {
  return element.attributes.find((a) => a.name === name && a.namespace === namespace)?.value;
}

/** Returns the children with a name, in document order. Default: the namespace of the element. */
export function childrenOf(
  element: XmlElement,
  name: string,
  namespace: string = element.namespace,
): readonly XmlElement[] {
  return element.children.filter((c) => c.name === name && c.namespace === namespace);
}

/** Returns the first child with a name, or undefined if there is none. */
export function childOf(
  element: XmlElement,
  name: string,
  namespace: string = element.namespace,
): XmlElement | undefined {
  return element.children.find((c) => c.name === name && c.namespace === namespace);
}

/** Returns the trimmed text of the first child with a name; undefined if it is missing or empty. */
export function childText(
  element: XmlElement,
  name: string,
  namespace: string = element.namespace,
): string | undefined {
  const text = childOf(element, name, namespace)?.text.trim();
  return text === "" ? undefined : text;
}

/** Renders a JSON document. An undefined field becomes null, so that documented fields are always present. */
export function renderJson(document: unknown): string {
  const nullify = (_key: string, value: unknown): unknown => (value === undefined ? null : value);
  return `${JSON.stringify(document, nullify, 2)}\n`;
}

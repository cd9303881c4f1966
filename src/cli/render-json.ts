/** Returns the text of a JSON document. What is not known is null: a field of a documented shape is always there. */
export function renderJson(document: unknown): string {
  const nullify = (_key: string, value: unknown): unknown => (value === undefined ? null : value);
  return `${JSON.stringify(document, nullify, 2)}\n`;
}

import { ApplianceError } from "../../errors.ts";

// Characters outside XML 1.0's Char production, including lone surrogates.
const ILLEGAL = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

function refuseIllegal(text: string): void {
  const at = text.search(ILLEGAL);
  if (at === -1) return;
  const code = (text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  throw new ApplianceError(
    "LIB_XML_CHARACTER",
    `text "${text.slice(Math.max(0, at - 40), at)}": character U+${code} cannot be written in XML`,
    { hint: "remove the control character" },
  );
}

/**
 * Returns a text escaped for element content: `&`, `<` and `>`, and carriage returns, which a parser would otherwise
 * convert into line feeds.
 *
 * @throws ApplianceError `LIB_XML_CHARACTER` for a character that XML 1.0 cannot hold
 */
export function escapeText(text: string): string {
  refuseIllegal(text);
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\r", "&#13;");
}

/**
 * Returns a text escaped for an attribute value in double quotes: as {@link escapeText}, and also quotes, tabs and line
 * feeds; a parser would otherwise convert tabs and line feeds into spaces.
 *
 * @throws ApplianceError `LIB_XML_CHARACTER` for a character that XML 1.0 cannot hold
 */
export function escapeAttribute(text: string): string {
  return escapeText(text)
    .replaceAll('"', "&quot;")
    .replaceAll("\t", "&#9;")
    .replaceAll("\n", "&#10;");
}

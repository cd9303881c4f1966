import { ApplianceError } from "../../errors.ts";
import { formatSize } from "../format-size.ts";
import { requireUtf8, type XmlHandlers, type XmlLimits, XmlReader } from "./reader.ts";

const streamLimits: XmlLimits = {
  maxBytes: 4 * 1024 * 1024 * 1024,
  maxDepth: 64,
  maxNodes: Number.MAX_SAFE_INTEGER,
  maxAttributes: 256,
  maxTokenChars: 16 * 1024 * 1024,
};

/**
 * Reads a large document and calls the handlers; memory use is constant. Refuses the same input as `parseXml`, but the
 * size limit is 4 GiB, and the number of elements is not limited.
 *
 * @param chunks  text, or bytes of UTF-8, divided at any position
 * @throws ApplianceError as `parseXml`
 */
export async function streamXml(
  chunks: AsyncIterable<string | Uint8Array>,
  handlers: XmlHandlers,
  options: { readonly origin: string; readonly limits?: Partial<XmlLimits> },
): Promise<void> {
  const { origin } = options;
  const limits = { ...streamLimits, ...options.limits };
  const reader = new XmlReader(origin, limits, handlers);
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
    if (sizeBytes > limits.maxBytes)
      throw reader.tooMuch(`more than ${formatSize(limits.maxBytes)}`);
    reader.write(typeof chunk === "string" ? chunk : decode(chunk));
    requireUtf8(reader.encoding, origin);
  }
  reader.write(decode());
  reader.close();
}

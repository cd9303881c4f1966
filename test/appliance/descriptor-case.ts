import type { ProblemCode } from "../../src/appliance/index.ts";

/** A descriptor with a fault, and the problems that must be reported. */
export interface DescriptorCase {
  readonly what: string;
  readonly document: string | Uint8Array;
  readonly code: ProblemCode;
  /** Part of the line that the problem must name; undefined when it has no place in the document. */
  readonly at: string | undefined;
  readonly message: RegExp;
}

/** Makes a case from its document and the problem expected: code, part of the line, message. */
export function of(
  what: string,
  document: string | Uint8Array,
  [code, at, message]: readonly [ProblemCode, string | undefined, RegExp],
): DescriptorCase {
  return { what, document, code, at, message };
}

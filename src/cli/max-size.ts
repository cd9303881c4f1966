import { parseSize } from "./parse-size.ts";

/** How yargs is told of --max-size. */
export const maxSizeOption = {
  type: "string",
  describe: "largest size that the source may expand to (default: 2T)",
} as const;

/** Returns the cap on a source that the command line sets; none keeps the library's own. */
export function sourceLimits(args: { readonly maxSize: string | undefined }): {
  readonly maxExpandedBytes?: number;
} {
  if (args.maxSize === undefined) return {};
  return { maxExpandedBytes: parseSize(args.maxSize, "--max-size") };
}

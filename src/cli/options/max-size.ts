import { parseSize } from "./parse-size.ts";

/** Definition of `--max-size` for yargs. */
export const maxSizeOption = {
  type: "string",
  describe: "largest size that the source may expand to (default: 2T)",
} as const;

/** Returns the size limit of a source from the command line; default: the library's limit. */
export function sourceLimits(args: { readonly maxSize: string | undefined }): {
  readonly maxExpandedBytes?: number;
} {
  if (args.maxSize === undefined) return {};
  return { maxExpandedBytes: parseSize(args.maxSize, "--max-size") };
}

/** Supported compression formats of files. */
export type FileCompression = "xz" | "gzip" | "zstd" | "bzip2";

/** Compression of a file, as detected from its first bytes. */
export type Compression = "none" | FileCompression;

/** Properties of a compression format. */
interface CompressionFacts {
  /** First bytes of a compressed file, in hex. */
  readonly magic: RegExp;
  /** Suffix of the file's name. */
  readonly suffix: string;
  /** Command that decompresses its standard input; undefined: zlib in this process. */
  readonly decompress: readonly [string, ...string[]] | undefined;
}

/** Memory limit for xz when it decompresses. Level 9 needs 65 MiB; a hostile header can request 4 GiB. */
export const XZ_MEMORY_LIMIT = "--memlimit-decompress=512MiB";

/** All formats. If a disk exists in two compressed forms, the form of the earlier row is used. */
export const compressions: Readonly<Record<FileCompression, CompressionFacts>> = {
  xz: {
    magic: /^fd377a585a00/,
    suffix: ".xz",
    decompress: ["xz", "--decompress", "--stdout", XZ_MEMORY_LIMIT],
  },
  gzip: { magic: /^1f8b08/, suffix: ".gz", decompress: undefined },
  zstd: {
    // A frame, or the skippable frame that parallel zstd compressors begin with.
    magic: /^(?:28b52ffd|5.2a4d18)/,
    suffix: ".zst",
    decompress: ["zstd", "--decompress", "--stdout", "--quiet"],
  },
  bzip2: {
    magic: /^425a683[1-9]/,
    suffix: ".bz2",
    decompress: ["bzip2", "--decompress", "--stdout"],
  },
};

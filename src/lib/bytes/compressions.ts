/** Ways in which files come compressed. */
export type FileCompression = "xz" | "gzip" | "zstd" | "bzip2";

/** How a file is compressed, as its first bytes tell. */
export type Compression = "none" | FileCompression;

/** What is known of a way to compress a file. */
interface CompressionFacts {
  /** The first bytes of such a file, in hex. */
  readonly magic: RegExp;
  /** Suffix of the file's name. */
  readonly suffix: string;
  /** The command that decompresses its input; undefined: zlib does, in this process. */
  readonly decompress: readonly [string, ...string[]] | undefined;
}

/** Most memory that xz may take to decompress; its level 9 needs 65 MiB, a hostile header can ask for 4 GiB. */
export const XZ_MEMORY_LIMIT = "--memlimit-decompress=512MiB";

/** Every way; of two compressed forms of a disk, that of the earlier row is taken. */
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

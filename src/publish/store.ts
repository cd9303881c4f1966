import type { Context } from "../lib/context.ts";
import type { Lock, LockOptions } from "../lib/lock.ts";

/** A local file that has been copied into a store, out of sight of its readers. */
export interface StagedFile {
  /** Path in the store. */
  readonly path: string;
  readonly sizeBytes: number;
  /** A local file with exactly this content, for reading: the copy itself if there is one. */
  readonly localPath: string;
}

/** Read access to a store. */
export interface StoreReader {
  /**
   * Returns the content of a file; undefined if it does not exist.
   *
   * @throws ApplianceError `LIB_LIMIT_EXCEEDED` for a file of more than 16 MiB that is also larger than expected;
   *   `LIB_IO` if it is not a plain file
   */
  read(path: string, options?: ReadOptions): Promise<Buffer | undefined>;
  /** Returns the length of a plain file in bytes; undefined when there is none. */
  size(path: string): Promise<number | undefined>;
  /** Reads a file and returns its SHA-256, lower-case hex. */
  digest(path: string, options: { readonly signal: AbortSignal }): Promise<string>;
  /** Returns the names right below a folder, sorted; none when there is no such folder. The store itself is `""`. */
  list(folder: string): Promise<readonly string[]>;
  /** True if everything of a folder is found below a name by {@link Store.share}. */
  isShared(folder: string, name: string): Promise<boolean>;
  /**
   * Finds entries of the wrong kind, such as links or pipes. Does not follow them.
   *
   * @returns one sentence each, with the path first; missing entries are not reported
   */
  examine(places: readonly StorePlace[]): Promise<readonly string[]>;
}

/**
 * A place that holds files under relative paths, and from which clients may be reading at any moment. Whatever is
 * visible under a path is complete; a path changes only by {@link Store.switch}.
 */
export interface Store extends StoreReader {
  /** What the store is called in messages. */
  readonly location: string;
  /**
   * Copies a local file into the store, under a name that the store chooses. Reads it once. The copy survives a power
   * cut after {@link Store.flush}.
   */
  stage(file: string, options: StageOptions): Promise<StagedFile>;
  /** Like {@link Store.stage}, for content that was already read. */
  stageContent(content: Buffer, name: string): Promise<StagedFile>;
  /**
   * Creates a new file. It survives a power cut after {@link Store.flush}.
   *
   * @throws ApplianceError `PUBLISH_CONFLICT` if it exists with different content
   */
  put(path: string, content: Uint8Array): Promise<void>;
  /**
   * Creates a new file with the content of a file in the store. Such files never change.
   *
   * @throws ApplianceError `PUBLISH_CONFLICT` if it exists with different content
   */
  link(from: string, to: string): Promise<void>;
  /**
   * Creates a name for a folder: a symbolic link, or the store's equivalent.
   *
   * @throws ApplianceError `PUBLISH_CONFLICT` if the name already has another target
   */
  share(folder: string, name: string): Promise<void>;
  /** Creates or replaces a file. Readers see either the old or the new content. */
  switch(path: string, content: Uint8Array): Promise<void>;
  /** Like {@link Store.switch}, for several files. All are written before the first one changes. */
  switchAll(files: readonly SwitchedFile[]): Promise<void>;
  /** Removes a file, or a folder with its content, if it exists. */
  remove(path: string): Promise<void>;
  /**
   * Takes the lock for writers.
   *
   * @throws ApplianceError `LIB_LOCKED` when another process holds it for too long, `LIB_UNSAFE_PATH`,
   *   `LIB_INTERRUPTED`
   */
  lock(options: StoreLockOptions, context: Context): Promise<Lock>;
  /** Returns when everything done so far survives a loss of power. */
  flush(): Promise<void>;
}

/** How the lock of a store is taken. */
export interface StoreLockOptions extends LockOptions {
  /** True for a new store: the folders made for the lock are removed with the lock if they are empty by then. */
  readonly isNew?: boolean;
}

/** Expected kind of an entry, if it exists. */
export interface StorePlace {
  readonly path: string;
  readonly kind: "file" | "folder";
  /** The folder that may be shared under this name. */
  readonly shares?: string;
  /** True for a file that is written in place: a second hard link could be another user's file. */
  readonly oneName?: true;
}

/** How a file is read. */
export interface ReadOptions {
  /** Expected size of the file. Default: small. */
  readonly expectedBytes?: number;
}

/** A file and its content. */
export interface SwitchedFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/** Options for staging a file. */
export interface StageOptions {
  readonly signal?: AbortSignal;
  /**
   * What happens to the file afterwards. One that is `removed` is not copied if a hard link is safe: nobody else can
   * write to it. The caller removes it. Default: kept.
   */
  readonly source?: "kept" | "removed";
  /**
   * Receives all bytes in order while they are written. A piece is valid until the next is requested.
   */
  readonly observe?: (pieces: AsyncIterable<Buffer>) => Promise<void>;
}

/** A local file that has been copied into a store, out of sight of its readers. */
export interface StagedFile {
  /** Where it is in the store. */
  readonly path: string;
  readonly sizeBytes: number;
  /** A local file with exactly this content, to look into: the copy itself where there is one. */
  readonly localPath: string;
}

/**
 * A place that holds files under relative paths, and from which clients may be reading at any moment. Whatever is
 * visible under a path is complete; a path changes only by {@link Store.switch}.
 */
export interface Store {
  /** What the store is called in messages. */
  readonly location: string;
  /**
   * Returns the content of a file, or undefined when there is none.
   *
   * @throws ApplianceError `LIB_LIMIT_EXCEEDED` for a file of more than 16 MiB that is larger than expected, too;
   *   `LIB_IO` for one that is no plain file
   */
  read(path: string, options?: ReadOptions): Promise<Buffer | undefined>;
  /** Returns the names right below a folder, sorted; none when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /**
   * Copies a local file into the store, under a name of the store's own choice, reading it once. The copy survives a
   * loss of power after {@link Store.flush}.
   */
  stage(file: string, options: StageOptions): Promise<StagedFile>;
  /** Does {@link Store.stage} for a file of which the content has been read already. */
  stageContent(content: Buffer, name: string): Promise<StagedFile>;
  /**
   * Makes a new file; it survives a loss of power after {@link Store.flush}.
   *
   * @throws ApplianceError `PUBLISH_CONFLICT` when it exists with another content
   */
  put(path: string, content: Uint8Array): Promise<void>;
  /**
   * Makes a new file with the content of one that is in the store; files linked so never change.
   *
   * @throws ApplianceError `PUBLISH_CONFLICT` when it exists with another content
   */
  link(from: string, to: string): Promise<void>;
  /**
   * Makes a name below which everything of a folder is found, at any time: a symbolic link, or what the store has
   * instead.
   *
   * @throws ApplianceError `PUBLISH_CONFLICT` when there is something else
   */
  share(folder: string, name: string): Promise<void>;
  /** Makes or replaces a file: readers see the old or the new content. */
  switch(path: string, content: Uint8Array): Promise<void>;
  /** Does {@link Store.switch} for several files, which are all ready before the first of them changes. */
  switchAll(files: readonly SwitchedFile[]): Promise<void>;
  /** Removes a file, or a folder with all in it; fine when there is none. */
  remove(path: string): Promise<void>;
  /** Returns when everything done so far survives a loss of power. */
  flush(): Promise<void>;
}

/** How a file is read. */
export interface ReadOptions {
  /** How large the file is by what is known of it; default: small. */
  readonly expectedBytes?: number;
}

/** A file and what it is to hold. */
export interface SwitchedFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/** How a file is staged. */
export interface StageOptions {
  readonly signal?: AbortSignal;
  /**
   * Sees all that is written, from the first byte to the last, while it is written. A piece keeps its content until the
   * next one is asked for.
   */
  readonly observe?: (pieces: AsyncIterable<Buffer>) => Promise<void>;
}

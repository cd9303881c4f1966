/** A local file that has been copied into a store, out of sight of its readers. */
export interface StagedFile {
  /** Where it is in the store. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
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
  /** Answers the content of a small file, or undefined when there is none. */
  read(path: string): Promise<Buffer | undefined>;
  /** Answers the names right below a folder, sorted; none when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Copies a local file into the store, under a name of the store's own choice, reading it once. */
  stage(file: string, options: StageOptions): Promise<StagedFile>;
  /**
   * Makes a new file.
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
  /** Makes or replaces a file: readers see the old or the new content. */
  switch(path: string, content: Uint8Array): Promise<void>;
  /** Removes a file, or a folder with all in it; fine when there is none. */
  remove(path: string): Promise<void>;
  /** Returns when everything done so far survives a loss of power. */
  flush(): Promise<void>;
}

/** How a file is staged. */
export interface StageOptions {
  readonly signal?: AbortSignal;
  /** Called with the size of each piece. */
  readonly onBytes?: (bytes: number) => void;
}

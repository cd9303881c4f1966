import type { SwitchedFile } from "./store.ts";

/** The requested state of a repository. */
export interface PublishRequest {
  /** Without a final slash. */
  readonly baseUrl: string;
  /** repomd.xml, its signature, and the files that it names, by path below a generation: `repodata/...`. */
  readonly repodata: ReadonlyMap<string, Uint8Array>;
  /** Number of packages after the change. */
  readonly packages: number;
  /** Paths of packages that are no longer announced: `packages/...`. */
  readonly removed: readonly string[];
  /** New packages, and the place of their staged content. */
  readonly staged: ReadonlyMap<string, string>;
  /** Files at the root: the .repo file, the key. */
  readonly rootFiles: ReadonlyMap<string, Uint8Array>;
  readonly created: Date;
  readonly retention: Retention;
}

/** How long unannounced files remain readable. */
export interface Retention {
  readonly graceSeconds: number;
  /** Number of newest generations that are kept regardless of age, including the current one. */
  readonly generations: number;
}

/** One change; see the store's method of the same name. */
export type PublishStep =
  | { readonly kind: "put" | "switch"; readonly path: string; readonly content: Uint8Array }
  | { readonly kind: "link" | "share"; readonly from: string; readonly to: string }
  | { readonly kind: "switch-all"; readonly files: readonly SwitchedFile[] }
  | { readonly kind: "remove"; readonly path: string }
  | { readonly kind: "flush" };

/** The steps, in order. Until the pointer is switched, clients see the old repository, then the new one. */
export interface PublishPlan {
  /** Id of the current generation after the change. */
  readonly generation: string;
  /** True if clients see another generation than before. */
  readonly changed: boolean;
  readonly steps: readonly PublishStep[];
}

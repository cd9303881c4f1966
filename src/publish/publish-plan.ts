import type { SwitchedFile } from "./store.ts";

/** What a repository shall be like. */
export interface PublishRequest {
  /** Without a final slash. */
  readonly baseUrl: string;
  /** repomd.xml, its signature, and what it names, by path below a generation: `repodata/...`. */
  readonly repodata: ReadonlyMap<string, Uint8Array>;
  /** How many packages there are then. */
  readonly packages: number;
  /** Paths of packages that clients are told of until now, and no longer: `packages/...`. */
  readonly removed: readonly string[];
  /** Packages that are new, and where their content is staged. */
  readonly staged: ReadonlyMap<string, string>;
  /** Files at the root: the .repo file, the key. */
  readonly rootFiles: ReadonlyMap<string, Uint8Array>;
  readonly created: Date;
  readonly retention: Retention;
}

/** How long what nobody is told to read any more stays readable. */
export interface Retention {
  readonly graceSeconds: number;
  /** Newest generations that stay whatever their age, the current one included. */
  readonly generations: number;
}

/** One change; see the methods of the store that are called the same. */
export type PublishStep =
  | { readonly kind: "put" | "switch"; readonly path: string; readonly content: Uint8Array }
  | { readonly kind: "link" | "share"; readonly from: string; readonly to: string }
  | { readonly kind: "switch-all"; readonly files: readonly SwitchedFile[] }
  | { readonly kind: "remove"; readonly path: string }
  | { readonly kind: "flush" };

/** What is to be done, in this order. Up to the switch of the pointer clients see the old repository, then the new. */
export interface PublishPlan {
  /** Id of the generation that is current afterwards. */
  readonly generation: string;
  /** Whether clients see another generation than before. */
  readonly changed: boolean;
  readonly steps: readonly PublishStep[];
}

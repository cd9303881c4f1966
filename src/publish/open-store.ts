import type { Run } from "../lib/exec.ts";
import { openDirectoryStore } from "./directory-store.ts";
import type { Store } from "./store.ts";

/** What a store is opened with. */
export interface OpenStoreOptions {
  /** Runs programs: one that syncs many files at once, for a folder. */
  readonly run?: Run;
}

/** A kind of store: which locations are its own, and how one is opened. */
interface StoreKind {
  readonly isMine: (location: string) => boolean;
  readonly open: (location: string, options: OpenStoreOptions) => Store;
}

/** Every kind of store. The first that recognises a location opens it: new ones go before folders, which take the rest. */
const kinds: readonly StoreKind[] = [
  {
    isMine: () => true,
    open: (location, options) => openDirectoryStore(location, undefined, options),
  },
];

/** Returns the store at a location: a folder. */
export function openStore(location: string, options: OpenStoreOptions = {}): Store {
  const kind = kinds.find(({ isMine }) => isMine(location));
  if (kind === undefined) throw new TypeError("a folder may have any name");
  return kind.open(location, options);
}

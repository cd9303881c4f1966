import type { Context } from "../../lib/context.ts";
import type { Described } from "../describe.ts";
import type { Listing, SourceKindName, SourceLimits } from "../model.ts";
import type { Spool } from "../spool.ts";

/** Facts about a path before its kind is known. */
export interface Candidate {
  readonly isDirectory: boolean;
  readonly isFile: boolean;
  /** The first 512 bytes of a file; fewer when it is shorter. */
  readonly head: Buffer;
}

/** Input for listing a source. */
export interface ListInput {
  readonly context: Context;
  readonly limits: SourceLimits;
}

/** Input for opening a source. */
export interface OpenInput extends ListInput {
  readonly spool: Spool;
}

/** A kind of source: recognises, lists and opens it. */
export interface SourceKind {
  /** Name in JSON. */
  readonly name: SourceKindName;
  /** Name in messages: `a folder`. */
  readonly called: string;
  /** Name of the place of its files in messages: `archive`, `folder`. */
  readonly place: string;
  /** True if opening copies the files; otherwise they are used in place. */
  readonly isSpooled: boolean;
  /** True if a path is a source of this kind. */
  readonly isMine: (candidate: Candidate) => boolean;
  /** Returns the files without writing anything. */
  readonly list: (origin: string, looking: ListInput) => Promise<Listing>;
  /** Returns the files, each with its place on disk. */
  readonly open: (origin: string, opening: OpenInput) => Promise<Listing>;
  /** Returns the appliance in the files. */
  readonly describe: (listing: Listing, origin: string) => Described;
}

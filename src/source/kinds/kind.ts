import type { Context } from "../../lib/context.ts";
import type { Described } from "../describe.ts";
import type { Listing, SourceKindName, SourceLimits } from "../model.ts";
import type { Spool } from "../spool.ts";

/** What is seen of a path before it is known what it is. */
export interface Candidate {
  readonly isDirectory: boolean;
  readonly isFile: boolean;
  /** The first 512 bytes of a file; fewer when it is shorter. */
  readonly head: Buffer;
}

/** What a source is looked at with. */
export interface Looking {
  readonly context: Context;
  readonly limits: SourceLimits;
}

/** What a source is opened with. */
export interface Opening extends Looking {
  readonly spool: Spool;
}

/** A kind of source: how one is recognised, looked at and opened. */
export interface SourceKind {
  /** What JSON calls the kind. */
  readonly name: SourceKindName;
  /** What messages expect: `a folder`. */
  readonly called: string;
  /** What messages call the place of the files: `archive`, `folder`. */
  readonly place: string;
  /** Whether an open source has copies of the files, which are its own; else they are used in place. */
  readonly isSpooled: boolean;
  /** True if a path is a source of this kind. */
  readonly isMine: (candidate: Candidate) => boolean;
  /** Returns the files without writing anything. */
  readonly list: (origin: string, looking: Looking) => Promise<Listing>;
  /** Returns the files, each with its place on disk. */
  readonly open: (origin: string, opening: Opening) => Promise<Listing>;
  /** Returns the appliance that the files are. */
  readonly describe: (listing: Listing, origin: string) => Described;
}

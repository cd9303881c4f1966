import { stat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { throwIfInterrupted } from "../../lib/interrupt.ts";
import { readImageLinks, resolveFolder } from "../image-links.ts";
import type { ImageLinks } from "../image-links.ts";

/** A base whose users are looked for. */
export interface WatchedBase {
  readonly file: string;
  /** Where it is for those who use it; it may be set aside. */
  readonly path: string;
  readonly inode: number;
  readonly device: number;
}

/** Where a walk tells what it finds. */
export interface WalkNotes {
  /** A base is used. */
  base(file: string, user: string): void;
  /** It is not known what is behind something. */
  obstacle(what: string): void;
}

/** Walks from images to what they rest on, through any number of layers. */
export interface ImageWalk {
  /**
   * Notes every base that is found on the way down from a file, which may not be there.
   *
   * @param from  `itself`: the file may be a base, which is noted; `below`: only what it rests on counts
   * @throws ApplianceError `LIB_IO` when a file cannot be read
   */
  from(file: string, user: string, from: "itself" | "below"): Promise<void>;
}

interface Found {
  readonly base?: string | undefined;
  /** Of a file or block device. */
  readonly identity?: string;
}

interface Step {
  readonly user: string;
  /** Identities of the files on the way: it ends where a circle closes. */
  readonly seen: Set<string>;
}

/** Answers whether an error says that something is not there. */
export function isMissing(error: unknown): boolean {
  const cause = error instanceof ApplianceError ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return ["ENOENT", "ENOTDIR", "ENOMEDIUM"].includes(code);
}

function identityOf(file: { readonly ino: number; readonly dev: number }): string {
  return `${file.dev}:${file.ino}`;
}

/** Opens a walk; what an image rests on is read once, however many rest on that image. */
export function openImageWalk(
  bases: readonly WatchedBase[],
  options: { readonly baseDir: string; readonly signal: AbortSignal; readonly notes: WalkNotes },
): ImageWalk {
  const { baseDir, signal, notes } = options;
  const byIdentity = new Map(
    bases.map(({ file, inode, device }) => [identityOf({ ino: inode, dev: device }), file]),
  );
  const byPath = new Map(bases.map(({ file, path: place }) => [place, file]));
  const links = new Map<string, Promise<ImageLinks>>();

  /** Answers what a path is; undefined when nothing is there. */
  const look = async (file: string): Promise<Found | undefined> => {
    const named = byPath.get(await resolveFolder(file));
    const stats = await stat(file).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (stats === undefined) return named === undefined ? undefined : { base: named };
    // To open another kind of device can do something: a watchdog would begin to wait.
    if (!stats.isFile() && !stats.isBlockDevice()) return {};
    const identity = identityOf(stats);
    return { base: named ?? byIdentity.get(identity), identity };
  };
  const descend = async (file: string, identity: string, step: Step): Promise<void> => {
    if (step.seen.has(identity)) return;
    step.seen.add(identity);
    const known = links.get(identity) ?? readImageLinks(file);
    links.set(identity, known);
    const { targets, problems } = await known;
    for (const problem of problems) notes.obstacle(problem);
    for (const target of targets) await walkTarget(target, step);
  };
  /** Goes on with a file that an image rests on, known by one or several paths. */
  const walkTarget = async (paths: readonly string[], step: Step): Promise<void> => {
    throwIfInterrupted(signal, step.user);
    let isThere = false;
    for (const file of paths) {
      const found = await look(file);
      isThere ||= found !== undefined;
      if (found?.base !== undefined) notes.base(found.base, step.user);
      if (found?.identity !== undefined) await descend(file, found.identity, step);
    }
    const [first = ""] = paths;
    // A base that is gone needs nobody's protection; anything else may come back with what it rests on.
    if (isThere || path.dirname(await resolveFolder(first)) === baseDir) return;
    notes.obstacle(`${step.user}: it rests on ${first}, which is not there`);
  };
  return {
    async from(file, user, from) {
      throwIfInterrupted(signal, user);
      const found = await look(file);
      if (found?.base !== undefined && from === "itself") notes.base(found.base, user);
      if (found?.identity !== undefined)
        await descend(file, found.identity, { user, seen: new Set() });
    },
  };
}

import { stat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { throwIfInterrupted } from "../../lib/interrupt.ts";
import { openPlainFile } from "../../lib/plain-file.ts";
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
  /**
   * It is not known what is behind something.
   *
   * @param files  that tell by their names, as a record knows them, of which appliance the bases are
   * @param text  that may name them
   */
  obstacle(
    what: string,
    hints: { readonly files: readonly string[]; readonly text?: string },
  ): void;
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
  /** From which the walk began. */
  readonly start: string;
  /** Identities of the files on the way: it ends where a circle closes. */
  readonly seen: Set<string>;
}

/** Returns whether an error says that something is not there. */
export function isMissing(error: unknown): boolean {
  const cause = error instanceof ApplianceError ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return ["ENOENT", "ENOTDIR", "ENOMEDIUM"].includes(code);
}

function identityOf(file: { readonly ino: number; readonly dev: number }): string {
  return `${file.dev}:${file.ino}`;
}

/** Names of other files stand near the beginning of an image, whatever else of it is damaged. */
const HEAD_BYTES = 1024 * 1024;

/** Returns the beginning of an image as text; nothing when it cannot be read. */
async function readHead(file: string): Promise<string> {
  try {
    await using handle = await openPlainFile(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } catch {
    return "";
  }
}

/** How images are walked. */
export interface WalkOptions {
  readonly baseDir: string;
  readonly signal: AbortSignal;
  readonly notes: WalkNotes;
  /** Whether a file that is not there may be there another time. */
  readonly mayComeBack: (file: string) => Promise<boolean>;
}

/** Opens a walk; what an image rests on is read once, however many rest on that image. */
export function openImageWalk(bases: readonly WatchedBase[], options: WalkOptions): ImageWalk {
  const { baseDir, signal, notes, mayComeBack } = options;
  const byIdentity = new Map(
    bases.map(({ file, inode, device }) => [identityOf({ ino: inode, dev: device }), file]),
  );
  const byPath = new Map(bases.map(({ file, path: place }) => [place, file]));
  const links = new Map<string, Promise<ImageLinks>>();

  /** Returns what a path is; undefined when nothing is there. */
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
    if (problems.length > 0) {
      const hints = { files: [file, step.start], text: await readHead(file) };
      for (const problem of problems) notes.obstacle(problem, hints);
    }
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
    // What is gone needs nobody's protection; what was only taken away may come back with what it rests on.
    if (isThere || path.dirname(await resolveFolder(first)) === baseDir) return;
    if (!(await mayComeBack(first))) return;
    const files = [...paths, step.start];
    notes.obstacle(`${step.user}: is backed by ${first}, which is missing`, { files });
  };
  return {
    async from(file, user, from) {
      throwIfInterrupted(signal, user);
      const found = await look(file);
      if (found?.base !== undefined && from === "itself") notes.base(found.base, user);
      if (found?.identity !== undefined)
        await descend(file, found.identity, { user, start: file, seen: new Set() });
    },
  };
}

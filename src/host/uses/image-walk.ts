import { stat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { throwIfInterrupted } from "../../lib/interrupt.ts";
import { openPlainFile } from "../../lib/plain-file.ts";
import { type ImageLinks, readImageLinks, resolveFolder } from "../access/image-links.ts";

/** A base whose users are searched. */
export interface WatchedBase {
  readonly file: string;
  /** Its path for users, even while it is set aside. */
  readonly path: string;
  readonly inode: number;
  readonly device: number;
}

/** Receives the results of a walk. */
export interface WalkNotes {
  /** Called for a base in use. */
  base(file: string, user: string): void;
  /**
   * Called if the backing files of an image are unknown.
   *
   * @param files  files whose names, as in a record, identify the appliance of the bases
   * @param text  text that may name the bases
   */
  obstacle(
    what: string,
    hints: { readonly files: readonly string[]; readonly text?: string },
  ): void;
}

/** Walks down the backing chains of images, through any number of layers. */
export interface ImageWalk {
  /**
   * Notes every base in the backing chain of a file, which may be missing.
   *
   * @param from  `itself`: also note the file if it is a base; `below`: only its backing files
   * @throws ApplianceError `LIB_IO` when a file cannot be read
   */
  from(file: string, user: string, from: "itself" | "below"): Promise<void>;
}

interface Found {
  readonly base?: string | undefined;
  /** Identity of a file or block device. */
  readonly identity?: string;
}

interface Step {
  readonly user: string;
  /** Start of the walk. */
  readonly start: string;
  /** Identities of the visited files, which end the walk in a cycle. */
  readonly seen: Set<string>;
}

/** Returns whether an error means that a file does not exist. */
export function isMissing(error: unknown): boolean {
  const cause = error instanceof ApplianceError ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return ["ENOENT", "ENOTDIR", "ENOMEDIUM"].includes(code);
}

function identityOf(file: { readonly ino: number; readonly dev: number }): string {
  return `${file.dev}:${file.ino}`;
}

/** Names of other files are near the beginning of an image, even if the rest is damaged. */
const HEAD_BYTES = 1024 * 1024;

/** Returns the beginning of an image as text; empty if it cannot be read. */
async function readHead(file: string): Promise<string> {
  try {
    await using handle = await openPlainFile(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } catch {
    return "";
  }
}

/** Options of a walk. */
export interface WalkOptions {
  readonly baseDir: string;
  readonly signal: AbortSignal;
  readonly notes: WalkNotes;
  /** Returns whether a missing file may come back. */
  readonly mayComeBack: (file: string) => Promise<boolean>;
}

/** Returns a walk. Each image is read only once. */
export function openImageWalk(bases: readonly WatchedBase[], options: WalkOptions): ImageWalk {
  const { baseDir, signal, notes, mayComeBack } = options;
  const byIdentity = new Map(
    bases.map(({ file, inode, device }) => [identityOf({ ino: inode, dev: device }), file]),
  );
  const byPath = new Map(bases.map(({ file, path: place }) => [place, file]));
  const links = new Map<string, Promise<ImageLinks>>();

  /** Returns facts about a path; undefined if it does not exist. */
  const look = async (file: string): Promise<Found | undefined> => {
    const named = byPath.get(await resolveFolder(file));
    const stats = await stat(file).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (stats === undefined) return named === undefined ? undefined : { base: named };
    // Opening another kind of device can have effects: a watchdog would start.
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
  /** Continues with a backing file, which has one or several possible paths. */
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
    // A deleted file protects no base, but an unmounted one may come back with its backing files.
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

import { stat } from "node:fs/promises";
import { ApplianceError } from "../../errors.ts";
import { isMissing, openImageWalk } from "./image-walk.ts";
import type { WatchedBase } from "./image-walk.ts";

/** Who uses which base. */
export interface BaseUses {
  /** Users by the base's file name, each as a phrase: `domain vm1`. */
  readonly users: ReadonlyMap<string, readonly string[]>;
  /** What could not be looked at, one sentence each: what it uses is not known. */
  readonly obstacles: readonly string[];
}

/** Collects the users of bases. It errs towards finding one too many. */
export interface UseLedger {
  /** Notes every base that a text names, however it does. */
  mention(text: string, user: string): void;
  /** Notes every base that a file is, or rests on through any number of images. Nothing there is no obstacle. */
  follow(file: string, user: string): Promise<void>;
  /** As `follow`, but only what the file rests on: it may be a base itself, or a hard link to one. */
  followBelow(file: string, user: string): Promise<void>;
  obstacle(what: string): void;
  result(): BaseUses;
}

/** A pattern that finds a file name where it stands alone: names of bases hold nothing that any text escapes. */
function wholeName(file: string): RegExp {
  const plain = file.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\w.~+^-])${plain}(?![\\w.~+^-])`);
}

/** Opens an empty ledger. */
export function openUseLedger(
  bases: readonly WatchedBase[],
  options: { readonly baseDir: string; readonly signal: AbortSignal },
): UseLedger {
  const users = new Map<string, Set<string>>();
  const obstacles = new Set<string>();
  const patterns = bases.map(({ file }) => ({ file, pattern: wholeName(file) }));
  const note = (file: string, user: string): void => {
    users.set(file, (users.get(file) ?? new Set()).add(user));
  };
  const obstacle = (what: string): void => void obstacles.add(what);
  const walk = openImageWalk(bases, { ...options, notes: { base: note, obstacle } });
  const start = async (file: string, user: string, from: "itself" | "below"): Promise<void> => {
    try {
      await walk.from(file, user, from);
    } catch (error) {
      if (error instanceof ApplianceError && error.code === "LIB_INTERRUPTED") throw error;
      // Gone since somebody listed it.
      if (isMissing(error) && (await stat(file).catch(() => undefined)) === undefined) return;
      obstacle(`${user}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return {
    mention(text, user) {
      for (const { file, pattern } of patterns) if (pattern.test(text)) note(file, user);
    },
    follow: (file, user) => start(file, user, "itself"),
    followBelow: (file, user) => start(file, user, "below"),
    obstacle,
    result: () => ({
      users: new Map([...users].map(([file, names]) => [file, [...names].sort()])),
      obstacles: [...obstacles].sort(),
    }),
  };
}

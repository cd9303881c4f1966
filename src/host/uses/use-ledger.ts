import { stat } from "node:fs/promises";
import { ApplianceError } from "../../errors.ts";
import { isMissing, openImageWalk, type WalkNotes, type WatchedBase } from "./image-walk.ts";

/** Something that could not be checked. */
export interface Obstacle {
  /** A sentence. */
  readonly what: string;
  /** Bases that it may need, by file name; `all` if unknown. */
  readonly bases: readonly string[] | "all";
}

/** Users of bases. */
export interface BaseUses {
  /** Users by the base's file name, each as a phrase: `domain vm1`. */
  readonly users: ReadonlyMap<string, readonly string[]>;
  /** Obstacles, whose uses are unknown. */
  readonly obstacles: readonly Obstacle[];
}

/** Collects the users of bases. If in doubt, it counts a base as used. */
export interface UseLedger {
  /** Notes every base whose name is in a text. */
  mention(text: string, user: string): void;
  /** Notes which files a VM has on a package's bases, for the case that the files themselves cannot be read. */
  know(files: readonly string[], packageName: string): void;
  /** Notes a file if it is a base, and every base in its backing chain. A missing file is not an obstacle. */
  follow(file: string, user: string): Promise<void>;
  /** Like `follow`, but only the backing chain: the file may be a base itself, or a hard link to one. */
  followBelow(file: string, user: string): Promise<void>;
  obstacle: (what: string, hints?: Hints) => void;
  result(): BaseUses;
}

/** Pattern for a file name as a whole word. Names of bases have no characters that need escaping. */
function wholeName(file: string): RegExp {
  const plain = file.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\w.~+^-])${plain}(?![\\w.~+^-])`);
}

function byWhat(a: Obstacle, b: Obstacle): number {
  return a.what < b.what ? -1 : Number(a.what > b.what);
}

type Hints = Parameters<WalkNotes["obstacle"]>[1];

interface BasePattern {
  readonly file: string;
  readonly pattern: RegExp;
}

/** Returns the bases that hints identify; undefined if they identify none. */
function basesTold(
  { files, text = "" }: Hints,
  patterns: readonly BasePattern[],
  packages: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] | undefined {
  const known = files.flatMap((file) => [...(packages.get(file) ?? [])]);
  const isTold = ({ file, pattern }: BasePattern): boolean =>
    pattern.test(text) || known.some((name) => file.startsWith(`${name}-`));
  const told = patterns.filter(isTold).map(({ file }) => file);
  return told.length + known.length === 0 ? undefined : told;
}

/** Collects obstacles, each with all bases that it may concern. */
function openObstacles(told: (hints: Hints) => readonly string[] | undefined): {
  readonly obstacle: UseLedger["obstacle"];
  readonly obstacles: () => readonly Obstacle[];
} {
  const found = new Map<string, readonly string[] | "all">();
  return {
    obstacle(what, hints = { files: [] }) {
      const before = found.get(what) ?? [];
      const more = told(hints) ?? "all";
      const isAll = before === "all" || more === "all";
      found.set(what, isAll ? "all" : [...new Set([...before, ...more])]);
    },
    obstacles: () => [...found].map(([what, bases]) => ({ what, bases })).sort(byWhat),
  };
}

/**
 * Returns an empty ledger.
 *
 * @param options.mayComeBack  returns whether a missing file may come back. Default: true
 */
export function openUseLedger(
  bases: readonly WatchedBase[],
  options: {
    readonly baseDir: string;
    readonly signal: AbortSignal;
    readonly mayComeBack?: (file: string) => Promise<boolean>;
  },
): UseLedger {
  const users = new Map<string, Set<string>>();
  const packages = new Map<string, Set<string>>();
  const patterns = bases.map(({ file }) => ({ file, pattern: wholeName(file) }));
  const note = (file: string, user: string): void => {
    users.set(file, (users.get(file) ?? new Set()).add(user));
  };
  const { obstacle, obstacles } = openObstacles((hints) => basesTold(hints, patterns, packages));
  const { mayComeBack = () => Promise.resolve(true) } = options;
  const notes = { base: note, obstacle };
  const walk = openImageWalk(bases, { ...options, mayComeBack, notes });
  const start = async (file: string, user: string, from: "itself" | "below"): Promise<void> => {
    try {
      await walk.from(file, user, from);
    } catch (error) {
      if (error instanceof ApplianceError && error.code === "LIB_INTERRUPTED") throw error;
      // Removed since it was listed.
      if (isMissing(error) && (await stat(file).catch(() => undefined)) === undefined) return;
      const reason = error instanceof Error ? error.message : String(error);
      obstacle(`${user}: ${reason}`, { files: [file] });
    }
  };
  return {
    mention(text, user) {
      for (const { file, pattern } of patterns) if (pattern.test(text)) note(file, user);
    },
    know(files, packageName) {
      for (const file of files)
        packages.set(file, (packages.get(file) ?? new Set()).add(packageName));
    },
    follow: (file, user) => start(file, user, "itself"),
    followBelow: (file, user) => start(file, user, "below"),
    obstacle,
    result: () => ({
      users: new Map([...users].map(([file, names]) => [file, [...names].sort()])),
      obstacles: obstacles(),
    }),
  };
}

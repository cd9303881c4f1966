import { stat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { readImageLinks, resolveFolder } from "../image-links.ts";

/** An image on the way down from a disk. */
export interface Layer {
  /** As it is named by the domain or by the image above. */
  readonly path: string;
  /** Which file it is, whatever it is called. */
  readonly identity: string;
  readonly isRegular: boolean;
  /** By its content. */
  readonly isQcow2: boolean;
}

/** What a disk really rests on, by the headers of the images. */
export interface Chain {
  /** From the top down, without the base; all are there. */
  readonly layers: readonly Layer[];
  /** The base of an appliance at which it ends, as it is named, whether it is there or not. */
  readonly base: string | undefined;
  readonly baseIdentity: string | undefined;
  /** The first file that is not there. */
  readonly missing: string | undefined;
  /** Why its backing files are unknown. */
  readonly problem: string | undefined;
  /** Whether an image rests on several files, as one with an external data file does. */
  readonly isForked: boolean;
}

/** Returns which file bears a name, through links; undefined when none does. */
export async function identityOf(file: string): Promise<string | undefined> {
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined) return undefined;
  return stats.isBlockDevice() ? `device ${stats.rdev}` : `${stats.dev}:${stats.ino}`;
}

/** Returns the names of a target that are there; the first one when none is. */
async function present(names: readonly string[]): Promise<string> {
  for (const name of names) if ((await identityOf(name)) !== undefined) return name;
  return names[0] ?? "";
}

interface Draft {
  readonly layers: Layer[];
  base: string | undefined;
  baseIdentity: string | undefined;
  missing: string | undefined;
  problem: string | undefined;
  isForked: boolean;
}

async function walk(
  file: string,
  draft: Draft,
  on: { readonly baseFolder: string; readonly follows: boolean },
): Promise<void> {
  if (path.dirname(await resolveFolder(file)) === on.baseFolder) {
    draft.base ??= file;
    draft.baseIdentity ??= await identityOf(file);
    return;
  }
  const identity = await identityOf(file);
  if (identity === undefined) {
    draft.missing ??= file;
    return;
  }
  if (draft.layers.some((each) => each.identity === identity)) return;
  const isRegular = (await stat(file)).isFile();
  try {
    const { isQcow2, targets, restsOnRaw, problems } = on.follows
      ? await readImageLinks(file)
      : { isQcow2: false, targets: [], restsOnRaw: false, problems: [] };
    draft.layers.push({ path: file, identity, isRegular, isQcow2 });
    draft.problem ??= problems[0];
    draft.isForked ||= targets.length > 1;
    const next = { ...on, follows: on.follows && !restsOnRaw };
    for (const names of targets) await walk(await present(names), draft, next);
  } catch (error) {
    if (!(error instanceof ApplianceError) || error.code !== "LIB_IO") throw error;
    draft.layers.push({ path: file, identity, isRegular, isQcow2: false });
    draft.problem ??= error.message;
  }
}

/**
 * Returns what an image rests on, down to the base of an appliance or to the last image.
 *
 * @param options.isRaw  whether the domain takes it for plain bytes: then nothing in it names another file
 */
export async function readChain(
  file: string,
  options: { readonly baseDir: string; readonly isRaw: boolean },
): Promise<Chain> {
  const draft: Draft = {
    layers: [],
    base: undefined,
    baseIdentity: undefined,
    missing: undefined,
    problem: undefined,
    isForked: false,
  };
  const baseFolder = path.dirname(await resolveFolder(path.join(options.baseDir, "x")));
  await walk(file, draft, { baseFolder, follows: !options.isRaw });
  return draft;
}

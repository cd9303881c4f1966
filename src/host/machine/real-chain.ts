import { stat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { readImageLinks, resolveFolder } from "../access/image-links.ts";

/** An image in the backing chain of a disk. */
export interface Layer {
  /** Name in the domain or in the image above. */
  readonly path: string;
  /** Identity of the file, independent of its name. */
  readonly identity: string;
  readonly isRegular: boolean;
  /** Detected by content. */
  readonly isQcow2: boolean;
}

/** The backing chain of a disk, from the headers of the images. */
export interface Chain {
  /** From the top down, without the base; all exist. */
  readonly layers: readonly Layer[];
  /** The appliance's base at the end, as named, whether it exists or not. */
  readonly base: string | undefined;
  readonly baseIdentity: string | undefined;
  /** The first missing file. */
  readonly missing: string | undefined;
  /** Why its backing files are unknown. */
  readonly problem: string | undefined;
  /** True if an image has several files, such as an external data file. */
  readonly isForked: boolean;
}

/** Returns the identity of a file, following links; undefined if it does not exist. */
export async function identityOf(file: string): Promise<string | undefined> {
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined) return undefined;
  return stats.isBlockDevice() ? `device ${stats.rdev}` : `${stats.dev}:${stats.ino}`;
}

/** Returns the existing names of a target; the first one if none exists. */
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
 * Returns the backing chain of an image, down to the base of an appliance or to the last image.
 *
 * @param options.isRaw  true if the domain declares it as raw: then its content names no other file
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

import { chmod, link, lstat, rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileError } from "../../lib/atomic.ts";
import type { Context } from "../../lib/context.ts";
import { safeRelativePath } from "../../lib/safe-path.ts";
import type { PackagePlan } from "../../package/index.ts";
import type { BuildFolders } from "../engine.ts";
import { measureQuoted } from "../native/measure-quoted.ts";
import { fillTemplate, type StagedFacts } from "../native/template.ts";
import type { SpecSource } from "./spec-sources.ts";

/**
 * Puts a staged file among the sources. A temporary one is linked. A user's own file is copied, as a reflink where the
 * file system has them: rpmbuild takes times from the files, and the user's own must not change. A file that is there
 * under another name is copied as well: rpmbuild would take the two for hard links.
 */
async function placeStaged(
  from: string,
  to: string,
  options: {
    readonly isTemporary: boolean;
    /** Inodes of linked files. */
    readonly linked: Set<string>;
    readonly context: Context;
  },
): Promise<void> {
  const stats = await lstat(from, { bigint: true });
  const inode = `${stats.dev}:${stats.ino}`;
  if (options.isTemporary && !stats.isSymbolicLink() && !options.linked.has(inode)) {
    options.linked.add(inode);
    return await link(from, to);
  }
  const copy = ["--dereference", "--reflink=auto", "--sparse=auto", "--", from, to];
  await options.context.run("cp", copy);
}

/**
 * Fills the folder of sources, with the times and modes of the plan. No image is copied, unless it is a user's own file
 * on a file system without reflinks.
 *
 * @throws ApplianceError `LIB_IO`, `LIB_NO_SPACE`, `LIB_INTERRUPTED`
 */
export async function stageSources(
  job: {
    readonly plan: PackagePlan;
    readonly sources: readonly SpecSource[];
    readonly folders: BuildFolders;
    readonly folder: string;
  },
  context: Context,
): Promise<void> {
  const { plan, sources, folders, folder } = job;
  const facts = await measureQuoted(plan, folders.stagingFolder, context.signal);
  const isTemporary = folders.isTemporary === true;
  const linked = new Set<string>();
  for (const { entry, name } of sources) {
    const target = path.join(folder, name);
    const { source } = entry;
    try {
      await rm(target, { force: true });
      if (source.kind === "staged") {
        const relative = safeRelativePath(source.path, plan.name);
        const from = path.join(folders.stagingFolder, relative);
        await placeStaged(from, target, { isTemporary, linked, context });
      } else {
        const known = (quoted: string): StagedFacts =>
          facts.get(quoted) ?? { sizeBytes: 0, sha256: "" };
        const text = source.kind === "template" ? fillTemplate(source.text, known) : source.text;
        await writeFile(target, text, { flag: "wx" });
      }
      await chmod(target, 0o644);
      await utimes(target, entry.mtimeSeconds, entry.mtimeSeconds);
    } catch (error) {
      throw fileError(error, target);
    }
  }
}

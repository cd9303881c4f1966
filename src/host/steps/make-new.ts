import { lstat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { errnoOf } from "../../lib/atomic.ts";
import type { StepNotes } from "../../lib/journal/journal.ts";
import type { HostAccess } from "../access/host-access.ts";

/** Returns the hidden name of an incomplete file, which is unique to the operation. */
function temporaryOf(target: string, operation: string): string {
  return path.join(path.dirname(target), `.${path.basename(target)}.${operation.slice(-8)}.new`);
}

/** Returns the identity of a file or folder, independent of its content; undefined if it does not exist. */
export async function identityOf(file: string): Promise<string | undefined> {
  const stats = await lstat(file, { bigint: true }).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  });
  return stats && `${stats.ino} ${stats.birthtimeNs}`;
}

/** Replaces the hidden name in an error with the final one. */
function named(error: unknown, temporary: string, target: string): unknown {
  if (!(error instanceof ApplianceError)) return error;
  const rename = (text: string): string => text.replaceAll(temporary, target);
  const { code, message, details, hint } = error;
  return new ApplianceError(code, rename(message), {
    details: details.map(rename),
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

function cameMeanwhile(target: string, cause: unknown): ApplianceError {
  return new ApplianceError(
    "HOST_REFUSED",
    `${target}: a file of this name was created meanwhile, expected none; it was not changed`,
    { cause, hint: "move it away, or choose another name for the VM, and try again" },
  );
}

/** Renames the file, unless the target exists. */
async function reveal(temporary: string, target: string, { effects }: HostAccess): Promise<void> {
  try {
    await effects.link(temporary, target);
  } catch (error) {
    const code = errnoOf(error instanceof ApplianceError ? error.cause : error) ?? "";
    if (code === "EEXIST") throw cameMeanwhile(target, error);
    if (!["EPERM", "EOPNOTSUPP", "ENOTSUP", "ENOSYS"].includes(code)) throw error;
    // The file system has no hard links (FAT, some file servers). There, only mv can rename without replacing.
    const how = ["--no-clobber", "--no-target-directory"];
    await effects.run("mv", [...how, temporary, target], { acceptExitCodes: [1] });
    if ((await identityOf(temporary)) === undefined) return;
    throw (await identityOf(target)) === undefined ? error : cameMeanwhile(target, error);
  }
}

/**
 * Creates a new file. It is created under a hidden name of the operation, its identity is recorded in the journal, and
 * then it is renamed. So it never replaces another file, and {@link removeNew} recognises it.
 *
 * @throws ApplianceError `HOST_REFUSED` if another file exists
 */
export async function makeNew(
  target: string,
  on: { readonly access: HostAccess; readonly notes: StepNotes },
  make: (temporary: string) => Promise<void>,
): Promise<void> {
  const { access, notes } = on;
  const temporary = temporaryOf(target, notes.operation);
  if (notes.made === undefined || notes.made !== (await identityOf(target))) {
    try {
      await make(temporary);
    } catch (error) {
      throw named(error, temporary, target);
    }
    await notes.remember((await identityOf(temporary)) ?? "");
    await reveal(temporary, target, access);
  }
  await access.effects.remove(temporary);
}

/** Undoes {@link makeNew}, and removes no other file. */
export async function removeNew(
  target: string,
  { effects }: HostAccess,
  { operation, made }: Pick<StepNotes, "operation" | "made">,
): Promise<void> {
  if (made !== undefined && made === (await identityOf(target))) await effects.remove(target);
  await effects.remove(temporaryOf(target, operation));
}

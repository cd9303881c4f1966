import { lstat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { examineFile, judgeHeader, refuseDisguise } from "../../image/index.ts";
import type { Context } from "../../lib/context.ts";
import { digestFile } from "../../lib/bytes/digest.ts";
import type { Effects } from "../../lib/journal/effects.ts";
import { isImageMode, packageAdvice } from "../../lib/image-mode.ts";
import { readPlainText } from "../../lib/plain-file.ts";
import { baseRecordFile, renderBaseRecord } from "./base-record.ts";
import type { BaseDisk, BaseFile } from "./catalogue-entry.ts";
import type { HostPaths } from "../access/paths.ts";

/** State of a base on disk. */
export interface BaseState {
  /** Absolute. */
  readonly path: string;
  /** Allocated bytes; 0 if it is missing. */
  readonly allocatedBytes: number;
  /** Why it cannot be used, one sentence; undefined if it is unchanged. */
  readonly problem: string | undefined;
  /** A new record, which avoids hashing next time; undefined if the existing one is correct. */
  readonly newRecord: string | undefined;
}

/** Thoroughness of the check. */
export interface BaseCheckOptions {
  /** `changed`: hash only if inode, size or time differ from the record; `always`: always hash. */
  readonly hash: "changed" | "always";
}

/**
 * Returns the problem of a base's content. It must be a self-contained image of the format in the catalogue, or bytes
 * that no program detects as an image: packages may be from other builders, and libvirt's pool guesses formats.
 */
async function findContentProblem(
  file: string,
  format: BaseDisk["format"] | undefined,
): Promise<string | undefined> {
  try {
    const examined = await examineFile(file);
    const { detected } = examined;
    // Plain bytes and ISO images name no other files. Their digest shows whether they are unchanged.
    if (detected === undefined || detected === "iso") return undefined;
    if (detected === "qcow2" && format !== "raw" && format !== "iso")
      judgeHeader(examined, "qcow2", file);
    else refuseDisguise(detected, format ?? "raw", file);
    return undefined;
  } catch (error) {
    if (!(error instanceof ApplianceError)) throw error;
    return `base ${error.message}; remove the package`;
  }
}

/**
 * Checks whether a base is unchanged since it was unpacked. As long as inode, size and time match its record, the
 * recorded digest is trusted; otherwise the base is read once.
 */
export async function checkBase(
  base: BaseFile & { readonly format?: BaseDisk["format"] },
  host: { readonly paths: HostPaths; readonly context: Context },
  options: BaseCheckOptions = { hash: "changed" },
): Promise<BaseState> {
  const { paths, context } = host;
  const file = path.join(paths.baseDir, base.file);
  const stats = await lstat(file, { bigint: true }).catch(() => undefined);
  const state = {
    path: file,
    allocatedBytes: Number(stats?.blocks ?? 0) * 512,
    newRecord: undefined,
  };
  if (stats === undefined) {
    const hint = (await isImageMode(paths.root))
      ? "run virt-appliance reconcile, which reports what else is needed"
      : `run virt-appliance reconcile, or ${packageAdvice("reinstall", { isImageMode: false })}`;
    return { ...state, problem: `base ${file} is missing: ${hint}` };
  }
  if (!stats.isFile()) return { ...state, problem: `base ${file} is not a regular file` };
  if (Number(stats.size) !== base.bytes) {
    const found = `has ${stats.size} bytes, expected ${base.bytes}`;
    return { ...state, problem: `base ${file} was changed: it ${found}` };
  }
  const content = await findContentProblem(file, base.format);
  if (content !== undefined) return { ...state, problem: content };
  const expected = renderBaseRecord(base.sha256, stats);
  const record = await readPlainText(baseRecordFile(paths, base.file)).catch(() => "");
  if (options.hash === "changed" && record === expected) return { ...state, problem: undefined };
  const task = context.progress.start(`checking ${base.file}`, base.bytes);
  try {
    const onBytes = (bytes: number): void => task.advance(bytes);
    const found = await digestFile(file, { signal: context.signal, onBytes });
    return found === base.sha256
      ? { ...state, problem: undefined, newRecord: record === expected ? undefined : expected }
      : {
          ...state,
          problem: `base ${file} was changed: its SHA-256 is ${found}, expected ${base.sha256}`,
        };
  } finally {
    task.done();
  }
}

/** Writes the new records of hashed bases. */
export async function rememberBases(
  states: readonly BaseState[],
  host: { readonly paths: HostPaths; readonly effects: Effects },
): Promise<void> {
  for (const state of states) {
    if (state.newRecord === undefined) continue;
    const file = baseRecordFile(host.paths, path.basename(state.path));
    await host.effects.makeFolder(path.dirname(file));
    await host.effects.writeFile(file, state.newRecord);
  }
}

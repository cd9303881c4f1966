import { lstat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../errors.ts";
import { examineFile, judgeHeader, refuseDisguise } from "../image/index.ts";
import type { Context } from "../lib/context.ts";
import { digestFile } from "../lib/digest.ts";
import type { Effects } from "../lib/effects.ts";
import { isImageMode, packageAdvice } from "../lib/image-mode.ts";
import { readPlainText } from "../lib/plain-file.ts";
import { baseRecordFile, renderBaseRecord } from "./base-record.ts";
import type { BaseDisk, BaseFile } from "./catalogue-entry.ts";
import type { HostPaths } from "./paths.ts";

/** What is known of a base on the disk. */
export interface BaseState {
  /** Absolute. */
  readonly path: string;
  /** Space that it takes; 0 when it is not there. */
  readonly allocatedBytes: number;
  /** Why it cannot be used, a sentence; undefined when it is what was unpacked. */
  readonly problem: string | undefined;
  /** The record that saves hashing it the next time; undefined when the one on the disk is right. */
  readonly newRecord: string | undefined;
}

/** How sure to be. */
export interface BaseCheckOptions {
  /** `changed`: hash only what has another inode, size or time than recorded; `always`: hash it. */
  readonly hash: "changed" | "always";
}

/**
 * Returns why the content of a base is not what it may be: the image that the catalogue says, complete in itself, or
 * bytes that nobody takes for an image. Packages come from elsewhere too, and libvirt's pool guesses.
 */
async function findContentProblem(
  file: string,
  format: BaseDisk["format"] | undefined,
): Promise<string | undefined> {
  try {
    const examined = await examineFile(file);
    const { detected } = examined;
    // What is no image at all, or an ISO image, names nothing; whether it is what was unpacked, its digest tells.
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
 * Returns whether a base is what was unpacked. A base is trusted for its digest as long as inode, size and time are
 * those at which the digest was taken; else it is read once.
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

/** Writes down what was learned by hashing bases. */
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

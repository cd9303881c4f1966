/** RPM packages: build them without rpmbuild, read their headers, compare their versions. */
export { compareEvr, compareVersions, parseEvr } from "../lib/evr.ts";
export { buildFiles } from "../pipeline/index.ts";
export { buildRpm, readRpm, readRpmContent } from "../rpm/index.ts";
export type { Context, CountedWork, Logger, Progress, ProgressTask } from "../lib/context.ts";
export type { Evr, Ordering } from "../lib/evr.ts";
export type { Run, RunOptions, RunResult } from "../lib/exec.ts";
export type { ChangelogEntry } from "../lib/parse-changelog.ts";
export type { FilesBuild } from "../pipeline/index.ts";
export type {
  Comparison,
  FileAttribute,
  FileSource,
  FileTrigger,
  FilesPackage,
  PackagePlan,
  PackagedFile,
  PayloadCompression,
  PayloadCompressor,
  PlannedEntry,
  Relation,
  RequirePhase,
  Scriptlet,
  ScriptletSlot,
  VerifyAspect,
} from "../package/index.ts";
export type {
  BuildFolders,
  BuiltRpm,
  EngineChoice,
  EncodedEntry,
  HeaderKind,
  Lead,
  Nevra,
  RpmEngineName,
  RpmHeader,
  RpmPackage,
  SpecTemplate,
  TagName,
  TagType,
} from "../rpm/index.ts";

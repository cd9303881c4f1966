/** The plan of a package: all of it as data. */
export type { ChangelogEntry } from "../../lib/parse-changelog.ts";
export type {
  Comparison,
  FileAttribute,
  FileSource,
  FileTrigger,
  PackagePlan,
  PackageTrigger,
  PayloadCompression,
  PayloadCompressor,
  PlannedEntry,
  Relation,
  RequirePhase,
  Scriptlet,
  ScriptletSlot,
  VerifyAspect,
} from "../../package/index.ts";

/** RPM packages: build them without rpmbuild, read their headers, compare their versions. */
export { compareEvr, compareVersions, parseEvr } from "../lib/evr.ts";
export { buildFiles } from "../pipeline/index.ts";
export { buildRpm, readRpm, readRpmContent } from "../rpm/index.ts";
export type { Evr, Ordering } from "../lib/evr.ts";
export type { FilesBuild } from "../pipeline/index.ts";
export type { FilesPackage, PackagedFile } from "../package/index.ts";
export type {
  BuildFolders,
  BuiltRpm,
  EngineChoice,
  RpmEngineName,
  RpmFormat,
  SpecTemplate,
} from "../rpm/index.ts";
export type * from "./types/context.ts";
export type * from "./types/header.ts";
export type * from "./types/package-plan.ts";

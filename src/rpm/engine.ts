import type { Context } from "../lib/context.ts";
import type { PackagePlan } from "../package/index.ts";
import type { RpmFormat } from "./format/rpm-format.ts";
import type { SpecTemplate } from "./spec/spec-template.ts";

/** Folders of a build. */
export interface BuildFolders {
  /** Base folder for the paths of staged files. It is trusted: links in it are followed. */
  readonly stagingFolder: string;
  readonly outputFolder: string;
  /**
   * True if the staging folder is temporary. An engine may then link its regular files elsewhere and set their times;
   * files behind symbolic links are never changed. Default: false.
   */
  readonly isTemporary?: boolean;
}

/** A package that was written. */
export interface BuiltRpm {
  readonly path: string;
  /** The file's name: NAME-VERSION-RELEASE.ARCH.rpm, or NAME-VERSION-RELEASE.src.rpm for a source package. */
  readonly name: string;
  readonly sizeBytes: number;
}

/** Programs that write packages. */
export type RpmEngineName = "native" | "rpmbuild";

/** The chosen engine and its settings. */
export interface EngineChoice {
  /** Default: `native`. */
  readonly engine?: RpmEngineName | undefined;
  /** Template of the spec; for `rpmbuild` only. Default: `spec-templates/package.spec.tmpl`. */
  readonly template?: SpecTemplate | undefined;
  /** Writes the source package, from which `rpmbuild --rebuild` makes the package; for `rpmbuild` only. */
  readonly isSource?: boolean | undefined;
  /** Format of the package; 6 needs rpmbuild 6 with the engine `rpmbuild`. Default: 4. */
  readonly format?: RpmFormat | undefined;
  /** Bytes to reserve for signatures, 640 to 65280; rpm 4.14 reads packages with up to 7984. Default: 4128. */
  readonly signatureSpace?: number | undefined;
}

/** Writes packages from plans. */
export interface RpmEngine {
  /** Whether it fills in a template of a spec, and writes source packages. */
  readonly usesSpec: boolean;
  /**
   * Refuses early, before images are converted, what would make every build fail: a missing program, a bad template, a
   * folder that the program cannot work in.
   *
   * @throws ApplianceError `LIB_EXEC_MISSING`, `RPM_BAD_TEMPLATE`, `LIB_UNSAFE_PATH`
   */
  readonly check: (
    job: { readonly choice: EngineChoice; readonly outputFolder: string },
    context: Context,
  ) => Promise<void>;
  /** Writes a valid plan as an unsigned package into the output folder; see `buildRpm`. */
  readonly build: (
    plan: PackagePlan,
    job: { readonly folders: BuildFolders; readonly choice: EngineChoice },
    context: Context,
  ) => Promise<BuiltRpm>;
}

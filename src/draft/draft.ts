import { type Appliance, NO_MACHINE } from "../appliance/index.ts";
import { trimEndOf } from "../lib/trim-end.ts";

/** A note for the user about a drafted descriptor. */
export interface DraftNote {
  /**
   * `copy`: a file must be copied beside the descriptor. `assumed`: a guess; change it if it is wrong. `dropped`: a
   * setting that each host chooses. `lost`: the descriptor cannot express it.
   */
  readonly kind: "copy" | "assumed" | "dropped" | "lost";
  readonly message: string;
  /** Absolute path of a file to copy. */
  readonly from?: string;
  /** Name of the copy beside the descriptor. */
  readonly as?: string;
}

/** Returns the note that a file must be copied. */
export function copyAs(from: string, as: string): DraftNote {
  return { kind: "copy", message: `${from}: copy it beside the descriptor as ${as}`, from, as };
}

/** A first descriptor, made from something else. */
export interface Draft {
  readonly appliance: Appliance;
  readonly notes: readonly DraftNote[];
}

/** Version of a drafted appliance: a package needs one. */
export const DRAFT_VERSION = "1.0";

/** Returns an appliance with only a name: no boot descriptor, no disks, one processor. */
export function blankAppliance(name: string): Appliance {
  return {
    name,
    version: DRAFT_VERSION,
    release: undefined,
    epoch: undefined,
    label: undefined,
    description: undefined,
    license: undefined,
    url: undefined,
    vendor: undefined,
    packager: undefined,
    changelog: undefined,
    dateSeconds: undefined,
    ...NO_MACHINE,
    parameters: [],
    packageList: undefined,
    disks: [],
  };
}

/** Returns a valid appliance name that is as close as possible to the given one. */
export function applianceNameOf(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/\.{2,}/g, ".")
    .replace(/^[^A-Za-z0-9]+/, "");
  const short = trimEndOf(plain, "-._").slice(0, 80);
  return short === "" ? "appliance" : short;
}

/** Gives plain file names to files from anywhere on a host. */
export interface FileNames {
  /**
   * Returns a name that differs from all earlier ones, ignoring case.
   *
   * @param extension  appended to a name that has none
   */
  nameFor(path: string, extension: string): string;
}

/** Returns an empty list of file names. */
export function newFileNames(): FileNames {
  const taken = new Set<string>();
  return {
    nameFor(path, extension) {
      const last = path.split("/").findLast((part) => part !== "") ?? "";
      const plain = last
        .replace(/[^A-Za-z0-9_.+-]+/g, "-")
        .replace(/^[-.]+/, "")
        .slice(-80);
      const whole = plain === "" ? "disk" : plain;
      const [, stem = whole, own = ""] = /^(.+?)(\.[A-Za-z0-9]{1,8})?$/.exec(whole) ?? [];
      const ending = own === "" ? extension : own;
      for (let n = 1; ; n += 1) {
        const name = `${stem}${n === 1 ? "" : `-${n}`}${ending}`;
        if (taken.has(name.toLowerCase())) continue;
        taken.add(name.toLowerCase());
        return name;
      }
    },
  };
}

/** Gives ids to disks. */
export interface DiskIds {
  /** Returns an id that differs from all earlier ones: the name of a file without its extension. */
  idFor(file: string): string;
}

/**
 * Returns an empty list of ids. Ids contain no format, because a later version may ship the same disk in another
 * format.
 */
export function newDiskIds(): DiskIds {
  const taken = new Set<string>();
  return {
    idFor(file) {
      const stem = file.replace(/(?<=.)\.[A-Za-z0-9]{1,8}$/, "");
      for (let n = 1; ; n += 1) {
        const id = n === 1 ? stem : `${stem}-${n}`;
        if (taken.has(id)) continue;
        taken.add(id);
        return id;
      }
    },
  };
}

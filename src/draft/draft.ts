import { NO_MACHINE } from "../appliance/index.ts";
import type { Appliance } from "../appliance/index.ts";
import { trimEndOf } from "../lib/trim-end.ts";

/** Something that a person should know about a drafted descriptor. */
export interface DraftNote {
  /**
   * `copy`: a file must be brought beside the descriptor. `assumed`: nothing said so, change it if it is wrong.
   * `dropped`: belongs to a host, and is decided anew on each. `lost`: the descriptor cannot say it.
   */
  readonly kind: "copy" | "assumed" | "dropped" | "lost";
  readonly message: string;
  /** Of a file to be copied as it is: its absolute path. */
  readonly from?: string;
  /** Its name beside the descriptor. */
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

/** Returns an appliance of which only the name is known: no way to boot, no disks, one processor. */
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

/** Returns a name that an appliance can have, as near as possible to the given one. */
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

/** Hands out plain file names for files that come from anywhere on a host. */
export interface FileNames {
  /**
   * Returns a name that differs from all given before, without regard to case.
   *
   * @param extension  put behind a name that has none
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

/** Hands out ids of disks. */
export interface DiskIds {
  /** Returns an id that differs from all given before: the name of a file without its ending. */
  idFor(file: string): string;
}

/**
 * Returns an empty list of ids. They say nothing of a format: a version that ships a disk in another one has the same
 * disk.
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

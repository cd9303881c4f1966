import path from "node:path";
import { countOf } from "../../lib/count-of.ts";
import { ApplianceError } from "../../errors.ts";
import { knownNames } from "../../lib/closest.ts";
import { packageAdvice } from "../../lib/image-mode.ts";
import { type Catalogue, namesOf } from "../catalogue/catalogue.ts";
import type { HostOperation, HostStep } from "../steps/host-steps.ts";

/** Names of one installed version of an appliance. */
export interface InstalledVersion {
  /** `PACKAGE-VERSION-RELEASE`. */
  readonly id: string;
  readonly package: string;
  readonly versionRelease: string;
}

/** A file of an installation, and the package that owns it. */
export interface InstalledPart {
  readonly path: string;
  /** `NAME-VERSION-RELEASE.ARCH`; undefined if no package owns it. */
  readonly owner: string | undefined;
}

/** Input for planning an uninstallation. */
export interface UninstallState {
  readonly installed: InstalledVersion;
  /** Existing ones of catalogue folder, payload folder and osinfo entry, in this order. */
  readonly parts: readonly InstalledPart[];
  /** Folder of all payloads of the package. */
  readonly payloads: string;
  /** True if the host boots from an image, so that dnf cannot remove a package. */
  readonly isImageMode: boolean;
}

function versionOf(id: string): InstalledVersion | undefined {
  const [, name, versionRelease] = /^([\w~][\w.~+^-]*)-([^-/]+-[^-/]+)$/.exec(id) ?? [];
  if (name === undefined || versionRelease === undefined) return undefined;
  return { id, package: name, versionRelease };
}

/**
 * Returns the one installed version with this name.
 *
 * @param folders  names of the folders in the catalogue: a damaged entry can be uninstalled by its full name
 * @throws ApplianceError `HOST_UNKNOWN_APPLIANCE`; `HOST_REFUSED` if several match
 */
export function chooseInstalled(
  catalogue: Catalogue,
  folders: readonly string[],
  wanted: string,
): InstalledVersion {
  const idOf = (e: Catalogue["entries"][number]): string =>
    `${e.package}-${e.version}-${e.release}`;
  const ids = catalogue.entries.filter((each) => namesOf(each).includes(wanted)).map(idOf);
  if (ids.length > 1) {
    throw new ApplianceError(
      "HOST_REFUSED",
      `${wanted}: ${countOf(ids.length, "version")} are installed`,
      {
        details: ids,
        hint: "name the version to uninstall",
      },
    );
  }
  const damaged = folders.filter((name) => name === wanted && !name.startsWith("."));
  const [id = ""] = [...ids, ...damaged];
  const installed = versionOf(id);
  if (installed !== undefined) return installed;
  throw new ApplianceError("HOST_UNKNOWN_APPLIANCE", `${wanted}: no such appliance is installed`, {
    details: [...knownNames(wanted, catalogue.entries.map(idOf)), ...catalogue.problems],
    hint: "virt-appliance list shows what is installed",
  });
}

/** Returns the hidden name of a file before its removal, which `list`, `reconcile` and libosinfo ignore. */
function asideOf(file: string): string {
  return path.join(path.dirname(file), `.${path.basename(file)}.uninstalled`);
}

/**
 * Plans the removal of a version's catalogue entry, payload and osinfo entry. Keeps its bases, as when a package is
 * removed.
 *
 * @throws ApplianceError `HOST_REFUSED` if it was installed as a package
 */
export function planUninstall(state: UninstallState): HostOperation {
  const { installed, parts, payloads } = state;
  const { id } = installed;
  const owned = parts.filter(({ owner }) => owner !== undefined);
  if (owned.length > 0) {
    throw new ApplianceError("HOST_REFUSED", `${id}: installed as a package`, {
      details: owned.map((part) => `${part.path}: belongs to ${part.owner}`),
      hint: packageAdvice("remove", state, id),
    });
  }
  const aside = parts.map((part): HostStep => ({
    kind: "set-aside",
    from: part.path,
    path: asideOf(part.path),
  }));
  const steps: readonly HostStep[] = [
    ...aside,
    ...parts.map((part): HostStep => ({ kind: "remove-file", path: asideOf(part.path) })),
    { kind: "remove-empty-folder", path: payloads },
  ];
  return { verb: "uninstall", subject: id, steps, commitAfter: aside.length };
}

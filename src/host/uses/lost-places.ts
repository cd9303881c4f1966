import { readdir, realpath } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { readPlainText } from "../../lib/plain-file.ts";
import type { HostPaths } from "../access/paths.ts";
import type { Connection } from "./domain-uses.ts";

/** Returns the current mount points. */
async function mountedFolders(): Promise<ReadonlySet<string>> {
  const text = await readPlainText("/proc/self/mountinfo").catch(() => "");
  return new Set(text.split("\n").map((line) => unescape(line.split(" ")[4] ?? "")));
}

/** In these tables, a blank is `\040`. */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_all, code: string) =>
    String.fromCharCode(Number.parseInt(code, 8)),
  );
}

/** Returns the configured mount points, from fstab and systemd units. */
async function wantedMounts({ root }: HostPaths): Promise<readonly string[]> {
  const fstab = await readPlainText(path.join(root, "etc/fstab")).catch(() => "");
  const lines = fstab.split("\n").filter((line) => !/^\s*(?:#|$)/.test(line));
  const units = await readdir(path.join(root, "etc/systemd/system")).catch((): string[] => []);
  const places = units
    .filter((name) => /\.(?:auto)?mount$/.test(name))
    .map((name) => name.replace(/\.(?:auto)?mount$/, ""))
    .map((name) => `/${name.replaceAll("-", "/")}`)
    .map((name) =>
      name.replaceAll(/\\x([0-9a-f]{2})/g, (_all, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      ),
    );
  return [...lines.map((line) => unescape(line.trim().split(/\s+/)[1] ?? "")), ...places].filter(
    (place) => place.startsWith("/") && place !== "/",
  );
}

/** Returns the folders of inactive pools whose content must be mounted. */
async function inactivePools(connections: readonly Connection[]): Promise<readonly string[]> {
  const folders: string[] = [];
  for (const { libvirt } of connections) {
    // Unknown pools are a separate obstacle.
    const pools = await libvirt.listPools().catch((error: unknown) => {
      if (error instanceof ApplianceError && error.code !== "LIB_INTERRUPTED") return [];
      throw error;
    });
    for (const { isActive, type, targetPath } of pools)
      if (!isActive && type !== "dir" && targetPath !== undefined) folders.push(targetPath);
  }
  return folders;
}

/**
 * Returns a function that tests whether a missing file may come back. It may if its folder is missing or empty, like an
 * unused mount point, or is below a configured mount point. In an existing folder with other files, the file was
 * deleted.
 */
export async function openLostPlaces(
  connections: readonly Connection[],
  paths: HostPaths,
): Promise<(file: string) => Promise<boolean>> {
  const mounted = await mountedFolders();
  const wanted = (await wantedMounts(paths)).filter((place) => !mounted.has(place));
  const places = [...wanted, ...(await inactivePools(connections))];
  return async (file) => {
    const folder = path.dirname(file);
    // A folder directly below the root may be a mount point.
    if (folder === "/") return true;
    const names = await readdir(folder).catch(() => undefined);
    if (names === undefined || names.every((name) => name === "lost+found")) return true;
    const real = await realpath(folder).catch(() => folder);
    return places.some((place) =>
      [folder, real].some((each) => each === place || each.startsWith(`${place}/`)),
    );
  };
}

import { access, constants, stat } from "node:fs/promises";
import path from "node:path";

/**
 * Returns whether a host boots an image (ostree, bootc) or a snapshot, so that dnf can neither bring nor remove
 * packages there; `reconcile` tells it in the same way.
 *
 * @param root  what the places of the host are below
 */
export async function isImageMode(root = "/"): Promise<boolean> {
  const exists = async (file: string): Promise<boolean> =>
    (await stat(file).catch(() => undefined)) !== undefined;
  if (await exists(path.join(root, "run/ostree-booted"))) return true;
  const usr = path.join(root, "usr");
  if (process.geteuid?.() !== 0 || !(await exists(usr))) return false;
  // Nothing but a read-only file system keeps root from writing.
  return access(usr, constants.W_OK).then(
    () => false,
    () => true,
  );
}

const THIS_HOST = "this host boots from an image";

/** What brings or removes the package of an appliance on hosts with dnf, and on hosts that boot an image. */
const advice = {
  reinstall: {
    dnf: () => "reinstall the package",
    image: () => `${THIS_HOST}: fix the package in the image, and boot the new image`,
  },
  install: {
    dnf: (name: string) => `dnf install ${name}`,
    image: (name: string) =>
      `${THIS_HOST}: add the package ${name} to the image, and boot the new image`,
  },
  remove: {
    dnf: (name: string) => `dnf remove ${name}`,
    image: (name: string) => `${THIS_HOST}: boot an image without the package ${name}`,
  },
} as const;

/** Returns what the administrator of a host is told to do with a package, unless the host's tools cannot do that. */
export function packageAdvice(
  action: keyof typeof advice,
  host: { readonly isImageMode: boolean },
  name = "",
): string {
  return advice[action][host.isImageMode ? "image" : "dnf"](name);
}

/** Returns how a damaged file of a package, somewhere below a host's `/usr/share`, comes back. */
export async function reinstallAdvice(file: string): Promise<string> {
  const root = path.resolve(file).split("/usr/share/", 1)[0];
  return packageAdvice("reinstall", { isImageMode: await isImageMode(root || "/") });
}

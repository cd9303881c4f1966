import { access, constants, stat } from "node:fs/promises";
import path from "node:path";

/**
 * Returns whether a host boots an image (ostree, bootc) or a snapshot, so that dnf can neither install nor remove
 * packages. `reconcile` uses the same test.
 *
 * @param root  root folder of the host
 */
export async function isImageMode(root = "/"): Promise<boolean> {
  const exists = async (file: string): Promise<boolean> =>
    (await stat(file).catch(() => undefined)) !== undefined;
  if (await exists(path.join(root, "run/ostree-booted"))) return true;
  const usr = path.join(root, "usr");
  if (process.geteuid?.() !== 0 || !(await exists(usr))) return false;
  // Only a read-only file system prevents root from writing.
  return access(usr, constants.W_OK).then(
    () => false,
    () => true,
  );
}

const THIS_HOST = "this host boots from an image";

/** How to install or remove the package of an appliance on hosts with dnf, and on hosts that boot an image. */
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

/** Returns the hint that tells the administrator how to perform an action on a package with the tools of the host. */
export function packageAdvice(
  action: keyof typeof advice,
  host: { readonly isImageMode: boolean },
  name = "",
): string {
  return advice[action][host.isImageMode ? "image" : "dnf"](name);
}

/** Returns the hint for restoring a damaged packaged file below a host's `/usr/share`. */
export async function reinstallAdvice(file: string): Promise<string> {
  const root = path.resolve(file).split("/usr/share/", 1)[0];
  return packageAdvice("reinstall", { isImageMode: await isImageMode(root || "/") });
}

import type { InstallerRequest } from "./recipe-request.ts";

/** Name of the kickstart in the initial RAM disk. */
export const KICKSTART_NAME = "virt-appliance.ks";

/** The kernel's names of the first serial console or its equivalent. */
const consoles: Readonly<Record<string, string>> = {
  x86_64: "ttyS0",
  i686: "ttyS0",
  aarch64: "ttyAMA0",
  armv7l: "ttyAMA0",
  ppc64: "hvc0",
  ppc64le: "hvc0",
  riscv64: "ttyS0",
};

/** Input for starting an installer with virt-install. */
export interface InstallerInput {
  readonly vm: string;
  readonly uri: string | undefined;
  readonly arch: string;
  readonly isParavirtual: boolean;
  readonly installer: InstallerRequest;
  /** Absolute; its name is {@link KICKSTART_NAME}. */
  readonly kickstart: string;
  readonly extraArguments: string | undefined;
}

function sourceOptions(installer: InstallerRequest): readonly string[] {
  return installer.kind === "tree"
    ? ["--location", installer.location]
    : ["--install", `kernel=${installer.kernel},initrd=${installer.initrd}`];
}

/**
 * Returns the arguments with which virt-install starts an installer in a defined VM. virt-install removes the files
 * that it fetches and injects once the VM runs, and does not change the definition.
 */
export function installerArguments(input: InstallerInput): readonly string[] {
  const console = input.isParavirtual ? "hvc0" : consoles[input.arch];
  const kernel = [
    `inst.ks=file:/${KICKSTART_NAME}`,
    ...(console === undefined ? [] : [`console=${console}`]),
    ...(input.extraArguments === undefined ? [] : [input.extraArguments]),
  ];
  return [
    ...(input.uri === undefined ? [] : ["--connect", input.uri]),
    "--reinstall",
    input.vm,
    "--osinfo",
    "detect=off,require=off",
    "--noautoconsole",
    ...sourceOptions(input.installer),
    "--initrd-inject",
    input.kickstart,
    "--extra-args",
    kernel.join(" "),
  ];
}

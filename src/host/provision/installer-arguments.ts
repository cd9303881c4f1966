import type { InstallerRequest } from "./recipe-request.ts";

/** Name of the kickstart in the initial RAM disk. */
export const KICKSTART_NAME = "virt-appliance.ks";

/** Kernel's names of the first serial console, or what takes its place. */
const consoles: Readonly<Record<string, string>> = {
  x86_64: "ttyS0",
  i686: "ttyS0",
  aarch64: "ttyAMA0",
  armv7l: "ttyAMA0",
  ppc64: "hvc0",
  ppc64le: "hvc0",
  riscv64: "ttyS0",
};

/** What virt-install starts an installer with. */
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
 * Returns the arguments with which virt-install starts an installer in a VM that is defined already. What it fetches
 * and injects it removes itself once the VM runs; the definition stays as it was.
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

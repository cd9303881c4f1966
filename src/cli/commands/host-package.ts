import { definePackageCommand } from "../define-package-command.ts";
import { makeHostPackage } from "../make-host-package.ts";
import type { Command } from "../command.ts";
import { descriptions } from "../command-descriptions.ts";

/** `host-package -o DIR`: builds virt-appliance-host. */
export const command: Command = definePackageCommand({
  command: "host-package",
  describe: descriptions["host-package"],
  make: makeHostPackage,
});

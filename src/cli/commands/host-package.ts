import { definePackageCommand } from "../own-packages/define-package-command.ts";
import { makeHostPackage } from "../own-packages/make-host-package.ts";
import type { Command } from "../command.ts";

/** `host-package -o DIR`: builds virt-appliance-host. */
export const command: Command = definePackageCommand({
  name: "host-package",
  make: makeHostPackage,
});

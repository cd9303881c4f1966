import { ApplianceError } from "../../errors.ts";
import { definePackageCommand } from "../own-packages/define-package-command.ts";
import { makeToolPackage } from "../own-packages/make-tool-package.ts";
import type { Command } from "../command.ts";

/** `tool-package -o DIR`: builds virt-appliance itself. */
export const command: Command = definePackageCommand({
  name: "tool-package",
  make: async (request, cli) => {
    const path = await makeToolPackage(request, cli);
    if (path !== undefined) return path;
    throw new ApplianceError("CLI_NO_BUNDLE", "virt-appliance: dist/bundle is missing", {
      hint: "run make build in a source tree",
    });
  },
});

import { ApplianceError } from "../../errors.ts";
import { definePackageVerb } from "../define-package-verb.ts";
import { makeToolPackage } from "../make-tool-package.ts";
import type { Verb } from "../verb.ts";
import { descriptions } from "../verb-descriptions.ts";

/** `tool-package -o DIR`: builds virt-appliance itself. */
export const verb: Verb = definePackageVerb({
  command: "tool-package",
  describe: descriptions["tool-package"],
  make: async (request, cli) => {
    const path = await makeToolPackage(request, cli);
    if (path !== undefined) return path;
    throw new ApplianceError("CLI_NO_BUNDLE", "virt-appliance: dist/bundle is missing", {
      hint: "run make build in a source tree",
    });
  },
});

import { definePackageVerb } from "../define-package-verb.ts";
import { makeHostPackage } from "../make-host-package.ts";
import type { Verb } from "../verb.ts";
import { descriptions } from "../verb-descriptions.ts";

/** `host-package -o DIR`: builds virt-appliance-host. */
export const verb: Verb = definePackageVerb({
  command: "host-package",
  describe: descriptions["host-package"],
  make: makeHostPackage,
});

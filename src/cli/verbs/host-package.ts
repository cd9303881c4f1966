import { definePackageVerb } from "../define-package-verb.ts";
import { makeHostPackage } from "../make-host-package.ts";
import type { Verb } from "../verb.ts";

/** `host-package -o DIR`: builds virt-appliance-host. */
export const verb: Verb = definePackageVerb({
  command: "host-package",
  describe: "build virt-appliance-host, which every appliance requires",
  make: makeHostPackage,
});

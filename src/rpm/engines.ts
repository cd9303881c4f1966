import type { RpmEngine, RpmEngineName } from "./engine.ts";
import { writeRpm } from "./native/write-rpm.ts";
import { checkRpmbuild, runRpmbuild } from "./spec/run-rpmbuild.ts";

/** Every engine. */
export const rpmEngines: Readonly<Record<RpmEngineName, RpmEngine>> = {
  native: {
    usesSpec: false,
    check: () => Promise.resolve(),
    build: (plan, { folders, choice }, context) =>
      writeRpm(
        plan,
        { folders, format: choice.format ?? 4, signatureSpace: choice.signatureSpace },
        context,
      ),
  },
  rpmbuild: { usesSpec: true, check: checkRpmbuild, build: runRpmbuild },
};

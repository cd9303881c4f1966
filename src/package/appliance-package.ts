import { countOf } from "../lib/count-of.ts";
import { type Appliance, renderDescriptor } from "../appliance/index.ts";
import { ApplianceError } from "../errors.ts";
import {
  type DocumentationFile,
  type EntryTexts,
  payloadDirOf,
  planEntries,
} from "./appliance-entries.ts";
import { planRelations } from "./appliance-relations.ts";
import { renderCatalogue } from "./catalogue.ts";
import { hostLayout } from "./host-layout.ts";
import { MOST_PACKAGE_CHARS, packageArchOf, packageNameOf, type PackageNaming } from "./naming.ts";
import { osinfoIdOf, renderOsinfo } from "./osinfo.ts";
import type { PackageOptions, TimedPackageOptions } from "./package-options.ts";
import { planIdentity } from "./plan-identity.ts";
import type { PackagePlan } from "./package-plan.ts";
import type { ShippedDisk, ShippedFile } from "./shipped-file.ts";
import { wrapText } from "./wrap-text.ts";
import { renderUnpackList } from "./unpack-list.ts";

/** Input for the plan of an appliance package. */
export interface PlanInput {
  readonly appliance: Appliance;
  readonly disks: readonly ShippedDisk[];
  readonly kernel: ShippedFile | undefined;
  readonly initrd: ShippedFile | undefined;
  readonly documentation: readonly DocumentationFile[];
  /** Text of the `%post` scriptlet, from spec-templates/scriptlets. */
  readonly postScriptlet: string;
  readonly options: TimedPackageOptions;
}

/**
 * Returns the names of an appliance's package.
 *
 * @throws ApplianceError `PLAN_NO_VERSION` if neither the descriptor nor the builder sets a version, `PLAN_BAD_VERSION`
 *   if rpm does not allow it
 */
export function planNaming(
  appliance: Appliance,
  options: Pick<PackageOptions, "version" | "release">,
): PackageNaming {
  const version = options.version ?? appliance.version;
  if (version === undefined) {
    throw new ApplianceError(
      "PLAN_NO_VERSION",
      `${appliance.name}: the descriptor has no version`,
      {
        hint: 'write <name version="1.0">, or give --appliance-version',
      },
    );
  }
  const release = options.release ?? appliance.release ?? "1";
  for (const [what, value] of Object.entries({ version, release })) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._~^]*$/.test(value) || value.includes("..")) {
      throw new ApplianceError(
        "PLAN_BAD_VERSION",
        `${appliance.name}: ${what} "${value}", expected letters, digits and . _ ~ ^, the first a letter or digit, no ".."`,
        { hint: "other characters have a special meaning to rpm or to web servers" },
      );
    }
  }
  const nvr = `${packageNameOf(appliance.name)}-${version}-${release}`;
  if (nvr.length > MOST_PACKAGE_CHARS) {
    throw new ApplianceError(
      "PLAN_BAD_VERSION",
      `${nvr}: name, version and release have ${countOf(nvr.length, "character")}, expected at most ${MOST_PACKAGE_CHARS}`,
      { hint: "file names contain all three" },
    );
  }
  return {
    appliance: appliance.name,
    package: packageNameOf(appliance.name),
    version,
    release,
    versionRelease: `${version}-${release}`,
    arch: packageArchOf(appliance),
  };
}

function describe(appliance: Appliance, naming: PackageNaming): string {
  const text =
    appliance.description ?? appliance.label ?? `The virtual appliance ${naming.appliance}.`;
  return wrapText(`${text.trim()}

This package holds the disk images of a virtual machine. Installing it registers the appliance for virt-install. \
Virtual machines made from it are not touched by upgrades, nor by removal.`);
}

/** Texts and names that several parts of the plan need. */
interface Groundwork {
  readonly naming: PackageNaming;
  readonly payloadRoot: string;
  readonly buildTimeSeconds: number;
  readonly shipped: readonly ShippedFile[];
}

function layGroundwork(input: PlanInput): Groundwork {
  const { appliance, options } = input;
  return {
    naming: planNaming(appliance, options),
    payloadRoot: options.payloadRoot ?? hostLayout.payloadDir,
    buildTimeSeconds: options.sourceDateEpoch ?? appliance.dateSeconds ?? options.buildTimeSeconds,
    shipped: [input.kernel, input.initrd, ...input.disks].filter((file) => file !== undefined),
  };
}

function renderTexts(input: PlanInput, { naming, payloadRoot, shipped }: Groundwork): EntryTexts {
  const { appliance } = input;
  const { version, release } = naming;
  const payloadDir = payloadDirOf(payloadRoot, naming);
  const osinfo = { ...appliance, name: naming.appliance, version, release };
  return {
    unpackList: renderUnpackList(naming, shipped, payloadDir),
    descriptor: renderDescriptor({ ...appliance, version, release }),
    catalogue: renderCatalogue({
      appliance,
      naming,
      payloadDir,
      disks: input.disks,
      kernel: input.kernel,
      initrd: input.initrd,
      osinfoIds: [osinfoIdOf(osinfo)],
    }),
    osinfo: renderOsinfo(osinfo),
  };
}

/**
 * Plans the image package of an appliance: names, files, relations, scriptlet. Pure: the same input gives the same plan.
 *
 * @throws ApplianceError `PLAN_NO_VERSION`
 */
export function planPackage(input: PlanInput): PackagePlan {
  const { appliance, options } = input;
  const groundwork = layGroundwork(input);
  const { naming, payloadRoot, buildTimeSeconds, shipped } = groundwork;
  const summary = appliance.label ?? `${naming.appliance} virtual appliance`;
  return {
    name: naming.package,
    ...(appliance.epoch === undefined ? {} : { epoch: appliance.epoch }),
    version: naming.version,
    release: naming.release,
    arch: naming.arch,
    summary: summary.replace(/\s+/g, " ").trim(),
    description: describe(appliance, naming),
    license: appliance.license ?? "LicenseRef-Not-Stated",
    group: "Unspecified",
    ...planIdentity(appliance, options),
    buildTimeSeconds,
    // A constant, because the package must not depend on the builder's host name.
    buildHost: "virt-appliance",
    ...planRelations(naming, {
      expands: shipped.some((file) => file.unpack.action === "expand"),
    }),
    entries: planEntries({
      naming,
      mtimeSeconds: buildTimeSeconds,
      payloadRoot,
      shipped,
      documentation: input.documentation,
      texts: renderTexts(input, groundwork),
    }),
    scriptlets: {
      post: {
        interpreter: ["/bin/sh"],
        body: input.postScriptlet
          .replaceAll("@PACKAGE@", naming.package)
          .replaceAll("@VR@", naming.versionRelease),
      },
    },
    packageTriggers: [],
    fileTriggers: [],
    payload: options.payload ?? { compressor: "none" },
  };
}

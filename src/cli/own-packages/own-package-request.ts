import type { OwnPackageOptions } from "../../pipeline/index.ts";
import type { EngineChoice } from "../../rpm/index.ts";
import type { Signer } from "../../sign/index.ts";
import type { Cli } from "../command.ts";
import type { PackageIdentity } from "../options/identity-options.ts";
import { dateOfEpoch } from "../options/source-date-epoch.ts";

/** Options for building one of virt-appliance's own packages. */
export interface OwnPackageRequest {
  readonly outputFolder: string;
  /** Undefined: the package is not signed. */
  readonly signer: Signer | undefined;
  /** Default: `1`. */
  readonly release?: string | undefined;
  readonly identity?: PackageIdentity | undefined;
  readonly engine?: EngineChoice | undefined;
}

/**
 * Returns the options of a package in the version of this program. Its build time is the date of the version, so every
 * repository gets the same package.
 */
export function ownPackageOptions(
  { release = "1", ...request }: OwnPackageRequest,
  { program, environment }: Pick<Cli, "program" | "environment">,
): OwnPackageOptions {
  const { version, dateSeconds } = program;
  return { ...request, release, version, dateSeconds, signedAt: dateOfEpoch(environment) };
}

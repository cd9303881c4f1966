import { buildHostPackage } from "../../pipeline/index.ts";
import type { EngineChoice } from "../../rpm/index.ts";
import type { Signer } from "../../sign/index.ts";
import type { PackageIdentity } from "../options/identity-options.ts";
import { dateOfEpoch } from "../options/source-date-epoch.ts";
import type { Cli } from "../command.ts";

/**
 * Builds virt-appliance-host in the version of this program, and returns the path of the package. Its build time is the
 * date of the version, so every repository gets the same package.
 */
export async function makeHostPackage(
  options: {
    readonly outputFolder: string;
    readonly signer: Signer | undefined;
    readonly release?: string | undefined;
    readonly identity?: PackageIdentity | undefined;
    readonly engine?: EngineChoice;
  },
  cli: Cli,
): Promise<string> {
  const { outputFolder, signer } = options;
  const built = await buildHostPackage(
    {
      outputFolder,
      version: cli.program.version,
      release: options.release ?? "1",
      dateSeconds: cli.program.dateSeconds,
      identity: options.identity,
      engine: options.engine,
      signer,
      signedAt: dateOfEpoch(cli.environment),
    },
    cli.context,
  );
  return built.path;
}

import type { Signer } from "../../sign/index.ts";
import { makeHostPackage } from "./make-host-package.ts";
import { makeToolPackage } from "./make-tool-package.ts";
import type { Cli } from "../command.ts";

/** Builds virt-appliance-host and virt-appliance, which hosts need besides appliances, and returns their paths. */
export async function makeOwnPackages(
  outputFolder: string,
  signer: Signer | undefined,
  cli: Cli,
): Promise<readonly string[]> {
  const host = await makeHostPackage({ outputFolder, signer }, cli);
  const tool = await makeToolPackage({ outputFolder, signer }, cli);
  if (tool !== undefined) return [host, tool];
  cli.context.logger.warn(
    "virt-appliance is not in the repository: dist/bundle is missing; run make build",
  );
  return [host];
}

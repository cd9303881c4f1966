import { buildHostPackage } from "../../pipeline/index.ts";
import type { Cli } from "../command.ts";
import { ownPackageOptions, type OwnPackageRequest } from "./own-package-request.ts";

/** Builds virt-appliance-host in the version of this program, and returns the path of the package. */
export async function makeHostPackage(request: OwnPackageRequest, cli: Cli): Promise<string> {
  const built = await buildHostPackage(ownPackageOptions(request, cli), cli.context);
  return built.path;
}

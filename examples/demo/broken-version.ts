import path from "node:path";
import type { Context } from "../../src/lib/context.ts";
import { buildHello } from "../hello/index.ts";
import { CACHE } from "./build-appliances.ts";
import type { VirtAppliance } from "./program.ts";
import { addToRepository, type Repository } from "./repository.ts";
import type { Say } from "./tell.ts";

/** Publishes version 1.2, which hangs before it prints anything. */
export async function publishBrokenVersion(
  repository: Repository,
  virtAppliance: VirtAppliance,
  options: { readonly context: Context; readonly say: Say },
): Promise<void> {
  const { context, say } = options;
  const work = path.dirname(repository.folder);
  const { tarball } = await buildHello(
    { version: "1.2", health: "hangs", outputFolder: work, cacheFolder: CACHE },
    context,
  );
  const folder = path.dirname(repository.oldRpm);
  const lines = await virtAppliance(["build", tarball, "-o", folder, "--sign", repository.key]);
  const rpm = lines.at(-1);
  if (rpm === undefined) throw new TypeError(`build ${tarball} named no package`);
  await addToRepository({ folder: repository.folder, rpms: [rpm] }, virtAppliance);
  say(`# virt-appliance repo add … ${path.basename(rpm)}: a version that never comes up`);
}

import { writeFile } from "node:fs/promises";
import path from "node:path";
import { makeFolder, moveInto, openTemporaryFolder } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import type { PackagePlan } from "../package/index.ts";
import { buildRpm, type BuiltRpm, checkEngine, type EngineChoice } from "../rpm/index.ts";
import { type Signer, signRpm } from "../sign/index.ts";

/** Options for a package of virt-appliance itself. */
export interface OwnPackageOptions {
  readonly outputFolder: string;
  readonly version: string;
  readonly release: string;
  /** Build time and time of every file, Unix seconds. */
  readonly dateSeconds: number;
  /** Packager, URL and changelog. */
  readonly identity?: Partial<Pick<PackagePlan, "packager" | "url" | "changelog">> | undefined;
  /** Program that writes the package, and its settings (default: the native writer). */
  readonly engine?: EngineChoice | undefined;
  /** Undefined: the package is not signed. */
  readonly signer?: Signer | undefined;
  /** Date of the signature. Default: now. */
  readonly signedAt?: Date | undefined;
}

/**
 * Writes a package into a folder, which is created if it is missing, and returns its path.
 *
 * @param staged  staged files of the plan, by their name in the staging folder; other files are in the plan as text
 */
export async function writeOwnPackage(
  plan: PackagePlan,
  options: OwnPackageOptions & { readonly staged: Readonly<Record<string, Uint8Array>> },
  context: Context,
): Promise<BuiltRpm> {
  const { outputFolder, signer, staged } = options;
  await checkEngine(options.engine, outputFolder, context);
  await using _output = await makeFolder(outputFolder);
  await using staging = await openTemporaryFolder(outputFolder);
  for (const [name, bytes] of Object.entries(staged)) {
    await writeFile(path.join(staging.path, name), bytes, { flag: "wx" });
  }
  const folders = {
    stagingFolder: staging.path,
    outputFolder: staging.path,
    isTemporary: true,
    ...options.engine,
  };
  const built = await buildRpm({ ...plan, ...options.identity }, folders, context);
  if (signer !== undefined) {
    const { signedAt: createdAt } = options;
    await signRpm(built.path, signer, context, { createdAt });
  }
  const target = path.join(outputFolder, path.basename(built.path));
  await moveInto(built.path, target);
  return { ...built, path: target };
}

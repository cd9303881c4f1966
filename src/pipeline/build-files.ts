import { realpath } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../errors.ts";
import { makeFolder } from "../lib/atomic.ts";
import type { Context } from "../lib/context.ts";
import { type FilesPackage, planFiles } from "../package/index.ts";
import { buildRpm, type BuiltRpm } from "../rpm/index.ts";

/** Where a package of plain files is made, and when. */
export interface FilesBuild {
  /** Made when it is missing. */
  readonly outputFolder: string;
  /** Folder that `content.file` of the files is relative to. Default: the working folder. */
  readonly folder?: string | undefined;
  /** Unix seconds; the same time and files give the same bytes. Default: the context's present time. */
  readonly buildTimeSeconds?: number | undefined;
}

/** Returns the files that are outside the folder after links are resolved. Missing ones are reported when they are read. */
async function findOutside(wanted: FilesPackage, folder: string): Promise<readonly string[]> {
  const root = await realpath(folder).catch(() => undefined);
  const outside: string[] = [];
  for (const { content } of wanted.files) {
    if (root === undefined || !("file" in content)) continue;
    const place = await realpath(path.join(folder, content.file)).catch(() => undefined);
    if (place !== undefined && !place.startsWith(path.join(root, path.sep))) {
      outside.push(`${content.file}: is a link out of the folder, to ${place}`);
    }
  }
  return outside;
}

/**
 * Builds an RPM of plain files, without rpmbuild. It is unsigned; `signRpm` signs it.
 *
 * @returns its path. The package appears there when it is complete, and replaces one of the same name
 * @throws ApplianceError `RPM_BAD_PLAN` with everything that rpm could not express; `LIB_UNSAFE_PATH` for links out of the
 *   folder; `RPM_INPUT_CHANGED`, `LIB_NO_SPACE`,
 *   `LIB_IO`, `LIB_INTERRUPTED`, `LIB_EXEC_MISSING`
 * @example
 * await buildFiles(
 *   {
 *     name: "motd",
 *     version: "1.0",
 *     summary: "Message of the day",
 *     license: "MIT",
 *     files: [{ path: "/etc/motd", content: { text: "Welcome.\n" }, attributes: ["config"] }],
 *   },
 *   { outputFolder: "out" },
 *   createContext(),
 * );
 */
export async function buildFiles(
  wanted: FilesPackage,
  options: FilesBuild,
  context: Context,
): Promise<BuiltRpm> {
  const { outputFolder, folder = "." } = options;
  const plan = planFiles(
    wanted,
    options.buildTimeSeconds ?? Math.floor(context.now().getTime() / 1000),
  );
  const outside = await findOutside(wanted, folder);
  if (outside.length > 0) {
    throw new ApplianceError("LIB_UNSAFE_PATH", `${folder}: links lead out of this folder`, {
      details: outside,
    });
  }
  await using _output = await makeFolder(outputFolder);
  return await buildRpm(plan, { stagingFolder: folder, outputFolder }, context);
}

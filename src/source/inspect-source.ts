import path from "node:path";
import type { ExaminedHeader } from "../image/index.ts";
import type { Context } from "../lib/context.ts";
import { examineContents, findBadDisks, virtualSizeOf } from "./check-disks.ts";
import { checkFiles } from "./check-files.ts";
import { recogniseSource } from "./kinds/recognise.ts";
import { chooseLimits, type Inspection, type SourceLimits } from "./model.ts";

/**
 * Returns the content of a source and every problem, without writing anything: descriptor, sizes, and the headers of
 * disks and kernels. The rest of the disks is not read, so their checksums are not verified.
 *
 * @throws ApplianceError as `openSource` if the kind of the source cannot be determined: no descriptor, two, a damaged
 *   or hostile archive. Problems of the descriptor or the files are returned, not thrown.
 */
export async function inspectSource(
  origin: string,
  context: Context,
  options: Partial<SourceLimits> = {},
): Promise<Inspection> {
  const limits = chooseLimits(options);
  const kind = await recogniseSource(origin);
  const described = kind.describe(await kind.list(origin, { context, limits }), origin);
  const { appliance, understood, descriptor } = described;
  const problems = [...described.problems];
  const headers =
    understood === undefined
      ? new Map<string, ExaminedHeader>()
      : await examineContents(understood, described.files);
  if (appliance !== undefined) {
    const sizes = new Map([...described.files].map(([name, file]) => [name, file.sizeBytes]));
    problems.push(
      ...checkFiles(appliance, sizes, {
        where: kind.place,
        descriptor: path.basename(descriptor.path),
      }),
      ...(await findBadDisks(appliance, headers)),
    );
  }
  return {
    origin,
    kind: kind.name,
    appliance,
    understood,
    problems,
    descriptorText: described.descriptorText,
    descriptorPath: descriptor.path,
    files: [...described.files].map(([name, { sizeBytes, absolutePath, allocatedBytes }]) => ({
      path: name,
      sizeBytes,
      absolutePath,
      allocatedBytes: allocatedBytes ?? sizeBytes,
      virtualSizeBytes: sizeFor(name),
    })),
  };

  function sizeFor(name: string): number | undefined {
    const disk = understood?.disks.find(({ file }) => file === name);
    const header = headers.get(name);
    return disk && header && virtualSizeOf(disk, header);
  }
}

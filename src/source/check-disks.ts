import type { Appliance, Problem } from "../appliance/index.ts";
import { ApplianceError } from "../errors.ts";
import { inspectHeader, judgeHeader } from "../image/index.ts";
import type { ExaminedHeader, ImageWarning } from "../image/index.ts";

interface Checked {
  readonly refusals: readonly { readonly error: ApplianceError; readonly line: number }[];
  readonly warnings: readonly Problem[];
}

/** Checks each disk that is shipped and is there: scratch disks never are. */
async function checkEach(
  appliance: Appliance,
  check: (disk: Appliance["disks"][number]) => Promise<readonly ImageWarning[] | undefined>,
): Promise<Checked> {
  const refusals: Checked["refusals"][number][] = [];
  const warnings: Problem[] = [];
  for (const disk of appliance.disks) {
    if (disk.role === "scratch") continue;
    const { line } = disk;
    try {
      for (const { code, message } of (await check(disk)) ?? [])
        warnings.push({ severity: "warning", code, message: `${disk.file}: ${message}`, line });
    } catch (error) {
      if (!(error instanceof ApplianceError) || !error.code.startsWith("IMAGE_")) throw error;
      refusals.push({ error, line });
    }
  }
  return { refusals, warnings };
}

/**
 * Refuses disks that name other files or are not what the descriptor says, by their own first bytes: what `build` would
 * refuse is not passed on.
 *
 * @returns warnings
 * @throws ApplianceError `IMAGE_*` of the first such disk, with the others as details
 */
export async function refuseBadDisks(
  appliance: Appliance,
  files: ReadonlyMap<string, { readonly absolutePath: string }>,
  origin: string,
): Promise<readonly Problem[]> {
  const { refusals, warnings } = await checkEach(appliance, async ({ file, format }) => {
    const found = files.get(file);
    if (found === undefined) return undefined;
    return (await inspectHeader(found.absolutePath, format, `${origin}: ${file}`)).warnings;
  });
  const [first, ...others] = refusals.map(({ error }) => error);
  if (first === undefined) return warnings;
  const { code, message, hint } = first;
  const details = [
    ...first.details,
    ...others.flatMap((error) => [error.message, ...error.details]),
  ];
  throw new ApplianceError(code, message, {
    details,
    cause: first,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Answers what is wrong with disks of which only the first bytes were seen, as `refuseBadDisks` judges them. */
export async function findBadDisks(
  appliance: Appliance,
  headers: ReadonlyMap<string, ExaminedHeader | undefined>,
): Promise<readonly Problem[]> {
  const { refusals, warnings } = await checkEach(appliance, ({ file, format }) => {
    const header = headers.get(file);
    return Promise.resolve(header && judgeHeader(header, format, file).warnings);
  });
  const errors = refusals.map(({ error: { code, message }, line }): Problem => ({
    severity: "error",
    code: code.toLowerCase().replaceAll("_", "-"),
    message,
    line,
  }));
  return [...errors, ...warnings];
}

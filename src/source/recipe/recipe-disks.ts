import { type Appliance, isDiscFormat } from "../../appliance/index.ts";
import type { RecipeFile, RecipeProblem } from "../../recipe/index.ts";
import { STAND_IN_SUFFIXES } from "../check-files.ts";

/** Reports parts of a descriptor that a recipe cannot have: disks without size, images, its own kernel. */
export function checkRecipeDisks(
  appliance: Appliance,
  at: {
    readonly files: readonly RecipeFile[];
    readonly descriptor: string;
    readonly report: (problem: RecipeProblem) => void;
  },
): void {
  const error = (code: string, message: string, line: number): void => {
    at.report({ severity: "error", code, message, line, origin: at.descriptor });
  };
  const present = new Set(at.files.map(({ path }) => path));
  for (const { id, file, sizeBytes, format, line } of appliance.disks) {
    if (sizeBytes === undefined) {
      error("disk-size", `disk "${id}": no size, expected one: disks of recipes need a size`, line);
    }
    if (isDiscFormat(format))
      error("disk-iso", `disk "${id}": a CD-ROM cannot be installed to`, line);
    const image = [file, ...STAND_IN_SUFFIXES.map((suffix) => file + suffix)].find((name) =>
      present.has(name),
    );
    if (image !== undefined) {
      error("disk-image", `disk "${id}": ${image} exists, but a recipe has no disk images`, line);
    }
  }
  for (const { os, line } of appliance.boots) {
    if (os.kind === "kernel") {
      error(
        "boot-kernel",
        "boot: has a kernel, but a recipe's VM boots from the installed disk; expected a loader",
        line,
      );
    }
  }
}

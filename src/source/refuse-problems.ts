import { countOf } from "../lib/count-of.ts";
import type { Problem } from "../appliance/index.ts";
import { ApplianceError, type ErrorCode } from "../errors.ts";

/** Problems with their own error code, which is used if there are no others. */
const ownCodes: Readonly<Record<string, ErrorCode>> = {
  "checksum-differs": "SOURCE_CHECKSUM_MISMATCH",
  "disk-missing": "SOURCE_DISK_MISSING",
  "file-missing": "SOURCE_FILE_MISSING",
};

function renderLine(problem: Problem): string {
  const place = problem.line === undefined ? "" : `line ${problem.line}: `;
  return `${place}${problem.message} [${problem.code}]`;
}

/**
 * Returns the warnings when there are no errors.
 *
 * @throws ApplianceError with every error among the problems: `SOURCE_CHECKSUM_MISMATCH`, `SOURCE_DISK_MISSING` or
 *   `SOURCE_FILE_MISSING` when all are of that kind, else `SOURCE_INVALID`
 */
export function refuseErrors(problems: readonly Problem[], origin: string): readonly Problem[] {
  const errors = problems.filter(({ severity }) => severity === "error");
  const [first] = errors;
  if (first === undefined) return problems;
  const isOneKind = errors.every(({ code }) => code === first.code);
  const code = (isOneKind ? ownCodes[first.code] : undefined) ?? "SOURCE_INVALID";
  const hint = "`virt-appliance inspect` lists all problems of this source";
  if (errors.length === 1) {
    const place = first.line === undefined ? "" : `line ${first.line}: `;
    throw new ApplianceError(code, `${origin}: ${place}${first.message}`, { hint });
  }
  throw new ApplianceError(code, `${origin}: ${countOf(errors.length, "problem")}, expected none`, {
    details: errors.map(renderLine),
    hint,
  });
}

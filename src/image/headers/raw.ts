import { isDiskFormat, type PlainFormat } from "../../appliance/index.ts";
import type { DetectedFormat, ImageWarning } from "../facts.ts";
import { type HeaderFacts, sizeRefusals } from "./finding.ts";

/** Checks a file that is used as plain bytes. Any content is a valid disk, but some content indicates a mistake. */
export function judgeRaw(
  format: PlainFormat,
  sizeBytes: number,
  detected: DetectedFormat | undefined,
): HeaderFacts {
  const warnings: ImageWarning[] = [];
  if (format === "raw" && detected !== undefined && detected !== "iso") {
    warnings.push({
      code: "raw-holds-image",
      message: `declared as raw, but the content is a ${detected} image: a VM would see that image's header as its disk`,
    });
  }
  if (format === "iso" && detected === undefined) {
    warnings.push({
      code: "iso-without-volume",
      message: "declared as iso, but contains no ISO 9660 volume",
    });
  }
  const refusals = sizeRefusals(BigInt(sizeBytes)).map((refusal) =>
    detected === undefined || detected === "iso"
      ? refusal
      : { ...refusal, hint: hintFor(detected) },
  );
  return { virtualSizeBytes: sizeBytes, refusals, warnings };
}

function hintFor(detected: DetectedFormat): string {
  const fact = `the content is a ${detected} image`;
  return isDiskFormat(detected)
    ? `${fact}: write format="${detected}"`
    : `${fact}: convert it to qcow2`;
}

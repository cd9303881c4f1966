import type { PackagePlan } from "../../package/index.ts";
import { payloadCompressors } from "../payload-compressors.ts";
import { integerProblems, lineProblems, patternProblems, textProblems } from "./text.ts";

const name = {
  pattern: /^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9._+-]*$/,
  expected: "a letter, digit or underscore, then letters, digits and . _ + -, without ..",
};
const version = {
  pattern: /^(?!.*\.\.)[A-Za-z0-9._+~^]+$/,
  expected: "letters, digits and . _ + ~ ^, without ..",
};
const arch = { pattern: /^[a-z0-9_]+$/, expected: "an architecture as rpm names it" };

/** Maximum length of a package's file name. */
const MAX_FILE_NAME_BYTES = 255;

/** Returns the problems of names, versions and descriptions. */
export function identityProblems(plan: PackagePlan): string[] {
  const fileName = `${plan.name}-${plan.version}-${plan.release}.${plan.arch}.rpm`;
  return [
    ...patternProblems("name", plan.name, name),
    ...patternProblems("version", plan.version, version),
    ...patternProblems("release", plan.release, version),
    ...patternProblems("arch", plan.arch, arch),
    ...(fileName.length > MAX_FILE_NAME_BYTES
      ? [
          `name, version and release give a file name of ${fileName.length} bytes, expected at most 255`,
        ]
      : []),
    ...integerProblems("epoch", plan.epoch),
    ...integerProblems("build time", plan.buildTimeSeconds),
    ...lineProblems("summary", plan.summary),
    ...lineProblems("license", plan.license),
    ...lineProblems("group", plan.group),
    ...lineProblems("vendor", plan.vendor),
    ...lineProblems("packager", plan.packager),
    ...lineProblems("url", plan.url),
    ...lineProblems("build host", plan.buildHost),
    ...textProblems("description", plan.description),
    ...payloadProblems(plan),
    ...changelogProblems(plan),
  ];
}

function payloadProblems({ payload }: PackagePlan): string[] {
  if (payload.compressor === "none") return [];
  const highest = payloadCompressors[payload.compressor].highestLevel;
  const isLevel = Number.isInteger(payload.level) && payload.level >= 1 && payload.level <= highest;
  return isLevel
    ? []
    : [`${payload.compressor} level is ${payload.level}, expected 1 to ${highest}`];
}

function changelogProblems({ changelog }: PackagePlan): string[] {
  return changelog.flatMap((entry, i) => {
    const previous = changelog[i - 1];
    const what = `changelog entry ${i + 1}`;
    return [
      ...integerProblems(`time of ${what}`, entry.timeSeconds),
      ...lineProblems(`author of ${what}`, entry.author),
      ...textProblems(`text of ${what}`, entry.text),
      ...(previous !== undefined && previous.timeSeconds < entry.timeSeconds
        ? [`${what} is newer than the one before, expected the newest first`]
        : []),
    ];
  });
}

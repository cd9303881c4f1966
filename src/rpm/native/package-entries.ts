import type { PackagePlan } from "../../package/index.ts";
import type { HeaderEntry } from "../format/header.ts";
import { mainEntry } from "../format/make-entry.ts";
import type { RpmFormat } from "../format/rpm-format.ts";
import type { TagName } from "../format/tags.ts";
import { evrOf } from "./dependencies.ts";

/** The oldest rpm that is meant to read packages of a format; rpmbuild writes its own version here. */
const rpmVersions: Readonly<Record<RpmFormat, string>> = { 4: "4.14.0", 6: "6.0.0" };

function optionalTexts(
  texts: readonly (readonly [TagName<"main">, string | undefined])[],
): HeaderEntry[] {
  return texts.flatMap(([tag, value]) => (value === undefined ? [] : [mainEntry.text(tag, value)]));
}

function changelogEntries(plan: PackagePlan): HeaderEntry[] {
  const { changelog } = plan;
  if (changelog.length === 0) return [];
  return [
    mainEntry.integers(
      "CHANGELOGTIME",
      changelog.map(({ timeSeconds }) => timeSeconds),
    ),
    mainEntry.texts(
      "CHANGELOGNAME",
      changelog.map(({ author }) => author),
    ),
    mainEntry.texts(
      "CHANGELOGTEXT",
      changelog.map(({ text }) => text.trimEnd()),
    ),
  ];
}

function formatEntries(plan: PackagePlan, format: RpmFormat): HeaderEntry[] {
  if (format === 4) return [];
  return [
    mainEntry.integers("RPMFORMAT", [format]),
    mainEntry.text("SOURCENEVR", `${plan.name}-${evrOf(plan)}`),
  ];
}

/** Returns the tags that describe the package. */
export function packageEntries(plan: PackagePlan, format: RpmFormat): HeaderEntry[] {
  const { name, version, release } = plan;
  return [
    mainEntry.texts("HEADERI18NTABLE", ["C"]),
    mainEntry.text("NAME", name),
    mainEntry.text("VERSION", version),
    mainEntry.text("RELEASE", release),
    ...(plan.epoch === undefined ? [] : [mainEntry.integers("EPOCH", [plan.epoch])]),
    mainEntry.text("SUMMARY", plan.summary),
    mainEntry.text("DESCRIPTION", plan.description.trimEnd()),
    mainEntry.integers("BUILDTIME", [plan.buildTimeSeconds]),
    mainEntry.text("BUILDHOST", plan.buildHost),
    ...optionalTexts([
      ["VENDOR", plan.vendor],
      ["PACKAGER", plan.packager],
      ["URL", plan.url],
    ]),
    mainEntry.text("LICENSE", plan.license),
    mainEntry.text("GROUP", plan.group),
    mainEntry.text("OS", "linux"),
    mainEntry.text("ARCH", plan.arch),
    // Marks a binary package; the file need not exist.
    mainEntry.text("SOURCERPM", `${name}-${version}-${release}.src.rpm`),
    mainEntry.text("RPMVERSION", rpmVersions[format]),
    ...formatEntries(plan, format),
    ...changelogEntries(plan),
    mainEntry.text("ENCODING", "utf-8"),
  ];
}

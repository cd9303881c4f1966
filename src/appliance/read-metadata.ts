import { attributeOf, childOf, childrenOf, childText, type XmlElement } from "../lib/xml/tree.ts";
import { type Findings, quote } from "./findings.ts";
import { valueOf } from "./grammar.ts";
import type { Appliance, Parameter } from "./model.ts";
import { DESCRIPTOR_NAMESPACE } from "./namespace.ts";
import { normalSpace, readInteger, readPath } from "./read-values.ts";

/** The metadata of an appliance. */
export type Metadata = Pick<
  Appliance,
  | "name"
  | "version"
  | "release"
  | "epoch"
  | "label"
  | "description"
  | "license"
  | "url"
  | "vendor"
  | "packager"
  | "changelog"
  | "dateSeconds"
  | "parameters"
  | "packageList"
>;

function lineOfText(root: XmlElement, name: string, namespace = ""): string | undefined {
  const text = childText(root, name, namespace);
  return text === undefined ? undefined : normalSpace(text);
}

/** Returns version and release; the old form `version="1.2-3"` contains both. */
function readVersion(
  element: XmlElement | undefined,
  findings: Findings,
): Pick<Metadata, "version" | "release"> {
  const version = element === undefined ? undefined : valueOf(element, "version");
  const release = element === undefined ? undefined : valueOf(element, "release");
  if (version === undefined) {
    findings.report("version-missing", "name: no version, a package needs one", element?.line);
  }
  const cut = version?.lastIndexOf("-") ?? -1;
  if (version === undefined || cut === -1 || release !== undefined) return { version, release };
  findings.report(
    "legacy-form",
    `version: ${quote(version)} contains a release, expected version and release separately`,
    element?.line,
  );
  return { version: version.slice(0, cut), release: version.slice(cut + 1) };
}

/** Returns Unix seconds of `2026-01-31` (midnight) or `2026-01-31T12:00:00Z`. */
function readDate(root: XmlElement, findings: Findings): number | undefined {
  const text = childText(root, "date", DESCRIPTOR_NAMESPACE);
  if (text === undefined) return undefined;
  const form = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2}))?$/;
  const milliseconds = form.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse reads February 30 as March 2.
  const day = Number(text.slice(8, 10));
  const month = Number(text.slice(5, 7));
  const days = new Date(Date.UTC(Number(text.slice(0, 4)), month, 0)).getUTCDate();
  if (Number.isNaN(milliseconds) || day > days) {
    findings.report(
      "date-invalid",
      `date: ${quote(text)}, expected a day such as 2026-01-31 or a time such as 2026-01-31T12:00:00Z`,
      childOf(root, "date", DESCRIPTOR_NAMESPACE)?.line,
    );
    return undefined;
  }
  return milliseconds / 1000;
}

function readParameters(root: XmlElement, findings: Findings): Parameter[] {
  return childrenOf(root, "parameter", DESCRIPTOR_NAMESPACE).map((element) => {
    const required = valueOf(element, "required") ?? "no";
    if (required !== "yes" && required !== "no") {
      findings.report(
        "parameter-invalid",
        `parameter: required ${quote(required)}, expected yes or no`,
        element.line,
      );
    }
    const description = normalSpace(element.text);
    return {
      name: valueOf(element, "name") ?? "",
      description: description === "" ? undefined : description,
      // Read unchanged, even if empty: it is a value for the guest.
      default: attributeOf(element, "default"),
      required: required === "yes",
    };
  });
}

/** Returns the elements directly below the root. */
export function readMetadata(root: XmlElement, findings: Findings): Metadata {
  const name = childOf(root, "name", "");
  const epoch = name === undefined ? undefined : valueOf(name, "va:epoch");
  const list = childText(root, "package-list", DESCRIPTOR_NAMESPACE);
  const listLine = childOf(root, "package-list", DESCRIPTOR_NAMESPACE)?.line;
  return {
    name: name?.text.trim() ?? "",
    ...readVersion(name, findings),
    epoch:
      epoch === undefined
        ? undefined
        : readInteger(epoch, { what: "epoch", line: name?.line, findings }),
    label: lineOfText(root, "label"),
    description: childText(root, "description", ""),
    license: lineOfText(root, "license", DESCRIPTOR_NAMESPACE),
    url: lineOfText(root, "url", DESCRIPTOR_NAMESPACE),
    vendor: lineOfText(root, "vendor", DESCRIPTOR_NAMESPACE),
    packager: lineOfText(root, "packager", DESCRIPTOR_NAMESPACE),
    changelog: childText(root, "changelog", DESCRIPTOR_NAMESPACE),
    dateSeconds: readDate(root, findings),
    parameters: readParameters(root, findings),
    packageList:
      list === undefined
        ? undefined
        : readPath(list, { what: "package list", line: listLine, findings }),
  };
}

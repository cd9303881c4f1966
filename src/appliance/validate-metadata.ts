import { countOf } from "../lib/count-of.ts";
import { parseChangelog } from "../lib/parse-changelog.ts";
import { type Findings, quote } from "./findings.ts";
import { limits } from "./limits.ts";
import type { Appliance } from "./model.ts";
import type { ProblemCode } from "./problem-codes.ts";

// A plus would be legal for rpm, but clients and S3 disagree on how to encode one in a file name.
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9._~^]*$/;
// What XML cannot hold; tabs and line feeds are for descriptions only.
const NOT_TEXT = /[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

interface NameRule {
  readonly code: ProblemCode;
  readonly what: string;
  readonly form: RegExp;
  readonly expected: string;
  readonly most: number;
}

const nameRule: NameRule = {
  code: "name-invalid",
  what: "name",
  form: NAME,
  expected: "letters, digits and . _ - only, starting with a letter or digit",
  most: limits.nameChars,
};
const versionRule: NameRule = {
  code: "version-invalid",
  what: "version",
  form: VERSION,
  expected: "letters, digits and . _ ~ ^ only, starting with a letter or digit",
  most: limits.versionChars,
};
const releaseRule: NameRule = {
  ...versionRule,
  code: "release-invalid",
  what: "release",
  most: limits.releaseChars,
};

function checkName(value: string, rule: NameRule, report: (why: string) => void): void {
  if (value.length > rule.most)
    report(`${countOf(value.length, "character")}, expected at most ${rule.most}`);
  if (!rule.form.test(value)) report(`expected ${rule.expected}`);
  // rpm refuses such names when it writes and when it reads.
  else if (value.includes("..")) report('".." in it, which rpm refuses');
}

/** Returns why a text cannot be the name of an appliance; an empty list if it can. */
export function findNameProblems(name: string): readonly string[] {
  const problems: string[] = [];
  checkName(name, nameRule, (why) => problems.push(why));
  return problems;
}

/** How a text may look: trimmed and on one line, trimmed, or anything. */
type TextForm = "line" | "block" | "any";

/** True if the text is in the form that the reader returns. */
function isNormal(text: string, form: TextForm): boolean {
  if (form === "any") return true;
  return text !== "" && text === text.trim() && (form === "block" || !/\s\s|[^\S ]/.test(text));
}

function findTextProblems(
  appliance: Appliance,
  lines: Readonly<Record<string, number>>,
  findings: Findings,
): void {
  const { label, description, license, url, vendor, packager, changelog } = appliance;
  const texts: readonly (readonly [string, string | undefined, TextForm, number | undefined])[] = [
    ["label", label, "line", lines["label"]],
    ["description", description, "block", lines["description"]],
    ["license", license, "line", lines["license"]],
    ["url", url, "line", lines["url"]],
    ["vendor", vendor, "line", lines["vendor"]],
    ["packager", packager, "line", lines["packager"]],
    ["changelog", changelog, "block", lines["changelog"]],
    ...appliance.boots.map(({ os, line }, index) => {
      const cmdline = os.kind === "kernel" ? os.cmdline : undefined;
      return ["cmdline", cmdline, "line", lines[`boot ${index} cmdline`] ?? line] as const;
    }),
    ...appliance.parameters.flatMap((parameter, index) => {
      const what = `parameter ${quote(parameter.name)}`;
      const line = lines[`parameter ${index}`];
      return [
        [what, parameter.description, "line", line] as const,
        [`${what}: default`, parameter.default, "any", line] as const,
      ];
    }),
  ];
  for (const [what, text, form, line] of texts) {
    if (text === undefined) continue;
    const most =
      what === "changelog"
        ? limits.changelogChars
        : form === "block"
          ? limits.descriptionChars
          : limits.lineChars;
    const why =
      text.length > most
        ? `${countOf(text.length, "character")}, expected at most ${most}`
        : NOT_TEXT.test(text)
          ? "contains a control character, expected text"
          : isNormal(text, form)
            ? undefined
            : `${quote(text)}, expected text without superfluous white space`;
    if (why !== undefined) findings.report("text-invalid", `${what}: ${why}`, line);
  }
}

function findParameterProblems(
  appliance: Appliance,
  lines: Readonly<Record<string, number>>,
  findings: Findings,
): void {
  const seen = new Set<string>();
  for (const [index, { name }] of appliance.parameters.entries()) {
    const line = lines[`parameter ${index}`];
    if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/.test(name)) {
      findings.report(
        "parameter-invalid",
        `parameter ${quote(name)}: not an identifier, expected a letter, then letters, digits and _ . -`,
        line,
      );
    }
    if (seen.has(name)) {
      findings.report("parameter-repeated", `parameter ${quote(name)}: appears twice`, line);
    }
    seen.add(name);
  }
}

function findChangelogProblems(
  { changelog }: Appliance,
  lines: Readonly<Record<string, number>>,
  findings: Findings,
): void {
  if (changelog === undefined) return;
  for (const { severity, line, message } of parseChangelog(changelog).problems) {
    const code = severity === "error" ? "changelog-invalid" : "changelog-doubtful";
    findings.report(code, `changelog: its line ${line}: ${message}`, lines["changelog"]);
  }
}

/** Reports problems of name, version, texts and parameters. */
export function findMetadataProblems(
  appliance: Appliance,
  lines: Readonly<Record<string, number>>,
  findings: Findings,
): void {
  const { name, version, release, epoch, dateSeconds } = appliance;
  const check = (value: string, rule: NameRule): void => {
    checkName(value, rule, (why) =>
      findings.report(rule.code, `${rule.what} ${quote(value)}: ${why}`, lines["name"]),
    );
  };
  if (name === "") {
    findings.report("name-missing", "name: missing, expected one", lines["name"]);
  } else {
    check(name, nameRule);
  }
  if (version !== undefined) check(version, versionRule);
  if (release !== undefined) check(release, releaseRule);
  if (epoch !== undefined && !(Number.isInteger(epoch) && epoch >= 0 && epoch <= limits.epoch)) {
    findings.report(
      "epoch-invalid",
      `epoch: ${epoch}, expected 0 to ${limits.epoch}`,
      lines["name"],
    );
  }
  if (
    dateSeconds !== undefined &&
    !(Number.isInteger(dateSeconds) && dateSeconds >= 0 && dateSeconds <= limits.dateSeconds)
  ) {
    findings.report(
      "date-invalid",
      `date: ${countOf(dateSeconds, "second")} since 1970, expected 0 to ${limits.dateSeconds}`,
      lines["date"],
    );
  }
  findTextProblems(appliance, lines, findings);
  findChangelogProblems(appliance, lines, findings);
  findParameterProblems(appliance, lines, findings);
}

import { access, readdir } from "node:fs/promises";
import path from "node:path";
import { packageAdvice } from "../../lib/image-mode.ts";
import { findPlainText } from "../../lib/plain-file.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { LocalHost } from "../access/local-host.ts";
import type { Finding } from "./finding.ts";

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function checkEntry(host: LocalHost, entry: string): Promise<readonly Finding[]> {
  // A recipe has no payload to unpack.
  if (!(await isThere(path.join(host.paths.catalogueDir, entry, "payload")))) return [];
  const record = path.join(host.paths.stateDir, "registered", entry);
  const text = await findPlainText(record).catch(() => undefined);
  const common = { subject: entry, repair: "reconcile" } as const;
  const todo = "virt-appliance reconcile completes it, or reports why it cannot";
  if (text === undefined) {
    const what = "is installed, but was never unpacked and registered";
    return [{ ...common, severity: "warning", code: "registration-missing", what, todo }];
  }
  if (/^status: complete$/m.test(text)) return [];
  const problems = [...text.matchAll(/^problem: (.*)$/gm)].map((match) => match[1] ?? "");
  const what = `is not completely registered: ${problems.join("; ") || "no reason was recorded"}`;
  return [{ ...common, severity: "error", code: "registration-incomplete", what, todo }];
}

/** Finds installed appliances that were not unpacked, or that virt-install cannot find. */
export async function checkRegistration(
  host: LocalHost,
  catalogue: Catalogue,
): Promise<readonly Finding[]> {
  const names = await readdir(host.paths.catalogueDir).catch((): string[] => []);
  const findings: Finding[] = [];
  for (const name of names.filter((each) => !each.startsWith(".")).sort())
    findings.push(...(await checkEntry(host, name)));
  return [
    ...findings,
    ...catalogue.problems.map((problem): Finding => ({
      severity: "error",
      code: "catalogue-bad",
      subject: "catalogue",
      what: `has an entry that cannot be read: ${problem}`,
      todo: packageAdvice("reinstall", catalogue),
      repair: null,
    })),
  ];
}

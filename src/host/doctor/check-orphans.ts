import { readdir, statfs } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { scanFileUses } from "../uses/file-users.ts";
import type { BaseUses } from "../uses/use-ledger.ts";
import type { DomainSurvey } from "../../libvirt/index.ts";
import type { LocalHost } from "../access/local-host.ts";
import {
  madeOf,
  readTrace,
  readTracedVm,
  type Trace,
  type TracedFile,
  type TracedVm,
  traceFile,
  tracesDir,
  writeTrace,
} from "../machine/trace.ts";
import type { Finding } from "./finding.ts";
import { readDomains } from "./read-domains.ts";

/** File systems that several hosts can mount, by their statfs type. */
const sharedTypes: ReadonlySet<number> = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x65735546, 0x01161970, 0x7461636f, 0x00c36400,
  0x01021997, 0x0bd00bd0, 0x47504653,
]);

/** A file that was created for a VM and no longer belongs to any. */
interface Orphan {
  readonly trace: Trace;
  readonly file: TracedFile;
  /** True if the VM exists and now uses another file. */
  readonly isLeft: boolean;
}

/** Recorded paths of all domains, by UUID; undefined for one that was not created from an appliance. */
type Records = ReadonlyMap<string, TracedVm | undefined | ApplianceError>;

function readRecord(xml: string): TracedVm | undefined | ApplianceError {
  try {
    return readTracedVm(xml);
  } catch (error) {
    if (error instanceof ApplianceError) return error;
    throw error;
  }
}

/** Returns the records of all domains; undefined if any is unknown. */
function recordsOf(survey: DomainSurvey | ApplianceError): Records | undefined {
  // The check of domains reports this.
  if (survey instanceof ApplianceError) return undefined;
  const failed = survey.failures.map(({ definition }) => definition);
  const records = new Map<string, TracedVm | undefined | ApplianceError>();
  for (const each of [...survey.domains, ...failed]) {
    if (each?.uuid === undefined) return undefined;
    records.set(each.uuid.toLowerCase(), readRecord(each.xml));
  }
  return records;
}

/** Reads all usable traces, by UUID. */
async function readTraces(host: LocalHost): Promise<ReadonlyMap<string, Trace>> {
  const traces = new Map<string, Trace>();
  const names = await readdir(tracesDir(host.paths)).catch((): string[] => []);
  for (const name of names.filter((each) => /^[0-9a-f-]{36}\.json$/.test(each)).sort()) {
    const trace = await readTrace(path.join(tracesDir(host.paths), name));
    if (trace !== undefined) traces.set(path.basename(name, ".json"), trace);
  }
  return traces;
}

/** Updates the traces of VMs that were created by another version, or changed by other programs. */
async function learn(
  host: LocalHost,
  records: Records,
  traces: ReadonlyMap<string, Trace>,
): Promise<void> {
  for (const record of records.values()) {
    // Another check reports bad metadata.
    if (record === undefined || record instanceof ApplianceError) continue;
    try {
      await writeTrace(host, record, traces.get(record.uuid.toLowerCase()));
    } catch (error) {
      // Another check reports an unwritable folder.
      if (!(error instanceof ApplianceError) || error.code === "LIB_INTERRUPTED") throw error;
    }
  }
}

async function stillThere(files: readonly TracedFile[]): Promise<readonly TracedFile[]> {
  const there: TracedFile[] = [];
  for (const file of files)
    if (file.made !== null && (await madeOf(file.path)) === file.made) there.push(file);
  return there;
}

async function findOrphans(
  host: LocalHost,
  records: Records,
  traces: ReadonlyMap<string, Trace>,
): Promise<readonly Orphan[]> {
  const orphans: Orphan[] = [];
  for (const [name, trace] of traces) {
    const uuid = trace.uuid.toLowerCase();
    if (!records.has(uuid)) {
      const there = await stillThere(trace.files);
      for (const file of there) orphans.push({ trace, file, isLeft: false });
      if (there.length === 0) await host.effects.remove(traceFile(host.paths, name));
      continue;
    }
    const record = records.get(uuid);
    if (record instanceof ApplianceError) continue;
    const recorded = JSON.stringify(record?.instance ?? {});
    const others = trace.files.filter((file) => !recorded.includes(JSON.stringify(file.path)));
    for (const file of await stillThere(others)) orphans.push({ trace, file, isLeft: true });
  }
  return orphans;
}

/** Returns why a file is kept; undefined if it can be removed. */
async function reasonToKeep(
  { trace, file, isLeft }: Orphan,
  orphans: readonly Orphan[],
  uses: BaseUses,
): Promise<string | undefined> {
  const users = (uses.users.get(file.path) ?? []).filter(
    (user) => !orphans.some((each) => user === `image ${each.file.path}`),
  );
  if (users.length > 0) return `${users.join(", ")} needs it`;
  const doubt = uses.obstacles.find(({ bases }) => bases === "all" || bases.includes(file.path));
  if (doubt !== undefined) return `cannot tell whether something needs it: ${doubt.what}`;
  const { type } = await statfs(file.path).catch(() => ({ type: -1 }));
  if (type === -1 || sharedTypes.has(type >>> 0))
    return "it is on a file system that another host may share, and the VM may run there";
  if (isLeft) return "it may be wanted as a copy";
  if (file.role === "data") return "it holds data";
  const isWhole = orphans.some(
    (each) => each.trace === trace && each.file.isCurrent && each.file.role === "system",
  );
  return isWhole ? "the VM's system disk still exists, and the VM may be defined again" : undefined;
}

/** Returns whether the administrator may remove it by name: no user is known, and nothing is in doubt. */
function canBeTold(reason: string | undefined): boolean {
  return reason === undefined || /^(?:it may be wanted|it holds data|the VM's system)/.test(reason);
}

/**
 * Finds files that were created for VMs that no longer exist or now use other files. Considers only recorded files, and
 * only if they are still the same files.
 */
export async function checkOrphans(
  host: LocalHost,
  survey: DomainSurvey | ApplianceError,
): Promise<readonly Finding[]> {
  const records = recordsOf(survey);
  if (records === undefined) return [];
  const traces = await readTraces(host);
  const orphans = await findOrphans(host, records, traces);
  await learn(host, records, traces);
  if (orphans.length === 0) return [];
  const uses = await scanFileUses(
    host,
    host.uri,
    orphans.map(({ file }) => file.path),
  );
  const findings: Finding[] = [];
  for (const orphan of orphans) {
    const { trace, file, isLeft } = orphan;
    const reason = await reasonToKeep(orphan, orphans, uses);
    // Another domain uses it, or the VM was defined with another UUID.
    if (reason?.endsWith(" needs it") === true || (isLeft && !canBeTold(reason))) continue;
    const told = `remove it with doctor --fix --remove ${file.path}`;
    const todo =
      reason === undefined
        ? "doctor --fix removes it"
        : `${reason}: ${canBeTold(reason) ? told : "it is kept"}`;
    findings.push({
      severity: isLeft ? "note" : "warning",
      code: isLeft ? "left-behind" : "orphan-file",
      subject: file.path,
      what: isLeft
        ? `was created for ${trace.vm}, which no longer uses it`
        : `(${file.role}) was created for ${trace.vm}, which no longer exists`,
      todo,
      repair: reason === undefined ? "remove-orphan" : null,
    });
  }
  return findings;
}

/**
 * Removes files of VMs that no longer exist: those without a reason to keep them, and those that the administrator
 * names. Checks everything again first.
 */
export async function removeOrphans(host: LocalHost, named: readonly string[]): Promise<void> {
  for (const { subject, repair, todo } of await checkOrphans(host, await readDomains(host))) {
    const isNamed = named.includes(subject) && todo.includes(" --remove ");
    if (repair === "remove-orphan" || isNamed) await host.effects.remove(subject);
  }
}

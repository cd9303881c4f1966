import { chown } from "node:fs/promises";
import { ApplianceError } from "../../errors.ts";
import { type BaseState, rememberBases } from "../catalogue/base.ts";
import { readCatalogue } from "../catalogue/catalogue.ts";
import { listPoolBases } from "../uses/pool-bases.ts";
import type { LocalHost } from "../access/local-host.ts";
import { lockCatalogue } from "../operation/locks.ts";
import { recoverInterrupted } from "../operation/recover-interrupted.ts";
import { reconcile } from "../catalogue/reconcile.ts";
import { checkBases } from "./check-bases.ts";
import { checkDomains } from "./check-domains.ts";
import { checkLeftovers } from "./check-leftovers.ts";
import { checkOperations } from "./check-operations.ts";
import { checkOrphans, removeOrphans } from "./check-orphans.ts";
import { checkPool } from "./check-pool.ts";
import { checkPrograms } from "./check-programs.ts";
import { checkRegistration } from "./check-registration.ts";
import { checkSpace } from "./check-space.ts";
import type { Finding, Repair } from "./finding.ts";
import { readDomains } from "./read-domains.ts";

/** Thoroughness of the check. */
export interface DoctorRequest {
  /** `changed`: read only bases that seem changed; `always`: read all of them. Default: `changed`. */
  readonly hash?: "changed" | "always" | undefined;
  /** Files of VMs that no longer exist to be removed too, although they may hold data. */
  readonly remove?: readonly string[] | undefined;
}

/** State of a host. */
export interface Diagnosis {
  readonly findings: readonly Finding[];
  /** Versions of programs by name; null if missing. */
  readonly versions: Readonly<Record<string, string | null>>;
}

/** Findings about what packages brought to the host. */
type InstalledFindings = Readonly<
  Record<"registration" | "bases" | "pool" | "state", readonly Finding[]>
>;

/** Checks what packages brought to the host; each thing that several checks need is read once. */
async function checkInstalled(host: LocalHost, request: DoctorRequest): Promise<InstalledFindings> {
  const { paths } = host;
  const [catalogue, poolBases] = await Promise.all([readCatalogue(paths), listPoolBases(paths)]);
  const isUsed = catalogue.entries.length > 0 || poolBases.length > 0;
  const [registration, bases, pool] = await Promise.all([
    checkRegistration(host, catalogue),
    checkBases(host, { catalogue, poolBases }, { hash: request.hash ?? "changed" }),
    isUsed ? checkPool(host) : [],
  ]);
  const state = await rememberOrSay(host, bases.states);
  return { registration, bases: bases.findings, pool, state };
}

/**
 * Finds every problem on a host. Changes nothing except the records of bases that were hashed. Checks that do not
 * depend on each other are made at the same time, and reported in a fixed order.
 */
export async function diagnose(host: LocalHost, request: DoctorRequest): Promise<Diagnosis> {
  const [survey, programs, installed, operations, space, leftovers] = await Promise.all([
    readDomains(host),
    checkPrograms(host.context),
    checkInstalled(host, request),
    checkOperations(host),
    checkSpace(host),
    checkLeftovers(host),
  ]);
  // VMs are compared with the records of bases, which are complete by now.
  const domains = await checkDomains(host, survey);
  const orphans = await checkOrphans(host, survey);
  return {
    findings: [
      ...operations,
      ...domains,
      ...installed.bases,
      ...installed.registration,
      ...installed.pool,
      ...space,
      ...leftovers,
      ...orphans,
      ...installed.state,
      ...programs.findings,
    ],
    versions: programs.versions,
  };
}

/** Writes the new records, and reports if the state folder is not writable: then no command can change anything. */
async function rememberOrSay(
  host: LocalHost,
  states: readonly BaseState[],
): Promise<readonly Finding[]> {
  try {
    await rememberBases(states, host);
    return [];
  } catch (error) {
    if (!(error instanceof ApplianceError) || error.code === "LIB_INTERRUPTED") throw error;
    return [
      {
        severity: "error",
        code: "state-unwritable",
        subject: host.paths.stateDir,
        what: `is not writable: ${error.message}`,
        todo: error.hint ?? "make it a writable folder: until then no command can change anything",
        repair: null,
      },
    ];
  }
}

async function protectBase(host: LocalHost, file: string): Promise<void> {
  if (process.getuid?.() === 0)
    await host.effects.perform(`chown ${file}`, () => chown(file, 0, 0));
  await host.effects.chmod(file, 0o444);
}

const order: readonly Repair[] = [
  "recover",
  "protect-base",
  "reconcile",
  "repoint",
  "remove-orphan",
  "remove-leftover",
];

/** Repairs that another command makes. */
export interface RepairCommands {
  /** Updates the record of a VM to its domain. */
  readonly updateRecord: (vm: string) => Promise<unknown>;
}

/** Updates records. A record that can no longer be updated is reported again, with the reason. */
async function repoint(
  host: LocalHost,
  vms: readonly string[],
  { updateRecord }: RepairCommands,
): Promise<void> {
  for (const vm of new Set(vms)) {
    try {
      await updateRecord(vm);
    } catch (error) {
      if (!(error instanceof ApplianceError) || error.code === "LIB_INTERRUPTED") throw error;
      host.context.logger.warn(error.message);
    }
  }
}

/** Makes the repairs that lose no data. */
async function repair(
  host: LocalHost,
  findings: readonly Finding[],
  commands: RepairCommands,
): Promise<void> {
  for (const kind of order) {
    const subjects = findings.filter((each) => each.repair === kind).map((each) => each.subject);
    if (subjects.length === 0) continue;
    if (kind === "recover") await recoverInterrupted(host);
    else if (kind === "reconcile") await reconcile(host);
    else if (kind === "repoint") await repoint(host, subjects, commands);
    else if (kind === "remove-orphan") await removeOrphans(host, []);
    else if (kind === "remove-leftover")
      for (const file of subjects) await host.effects.remove(file);
    else {
      await using _lock = await lockCatalogue(host, "doctor");
      for (const file of new Set(subjects)) await protectBase(host, file);
    }
  }
}

/**
 * Makes the safe repairs, and checks again.
 *
 * @returns the remaining findings and the repaired ones
 */
export async function diagnoseAndRepair(
  host: LocalHost,
  request: DoctorRequest,
  commands: RepairCommands,
): Promise<Diagnosis & { readonly repaired: readonly Finding[] }> {
  const first = await diagnose(host, request);
  await repair(host, first.findings, commands);
  const { remove = [] } = request;
  if (remove.length > 0) await removeOrphans(host, remove);
  const second = await diagnose(host, { hash: "changed" });
  const left = new Set(second.findings.map(({ code, subject }) => `${code} ${subject}`));
  return {
    ...second,
    repaired: first.findings.filter(({ code, subject }) => !left.has(`${code} ${subject}`)),
  };
}

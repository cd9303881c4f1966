import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ApplianceError } from "../../errors.ts";
import { throwIfInterrupted } from "../../lib/interrupt.ts";
import { readTail } from "../../lib/plain-file.ts";
import { parseDomain } from "../../libvirt/index.ts";
import type { HostAccess } from "../access/host-access.ts";
import { readNeighbours } from "./neighbours.ts";

const POLL_MS = 500;
const CONNECT_MS = 3000;
/** Maximum bytes of a console log that are checked and kept, from its end. */
const MAX_LOG_BYTES = 4 * 1024 * 1024;
const allStatuses: readonly number[] = Array.from({ length: 256 }, (_, status) => status);

/** How it is found out whether an updated VM is well. */
export type HealthCheck =
  /** A line of shell ends with status 0; the name of the VM is in `VIRT_APPLIANCE_VM`. */
  | { readonly kind: "command"; readonly command: string }
  /** Somebody listens on a port: of the VM, unless a host is named. */
  | { readonly kind: "tcp"; readonly host?: string | undefined; readonly port: number }
  /** A line on the console matches a regular expression. */
  | { readonly kind: "console"; readonly pattern: string }
  /** The guest agent answers. */
  | { readonly kind: "agent" };

/** A health check, and how long it is tried. */
export interface Verification {
  readonly check: HealthCheck;
  readonly timeoutSeconds: number;
}

/** Waits until a VM passes its check; if it does not in time, the operation is undone. */
export interface VerifyStep {
  readonly kind: "verify";
  readonly vm: string;
  readonly verification: Verification;
  /** Console log of the VM; null if it is not logged. */
  readonly consoleLog: string | null;
  /** Path for keeping the log if the check fails. */
  readonly keptLog: string;
  /** Version to which the VM is rolled back, for messages. */
  readonly previous: string;
}

/** Input of a check. */
interface Checking {
  readonly access: HostAccess;
  readonly vm: string;
  readonly consoleLog: string | null;
  /** Total time for the check. */
  readonly seconds: number;
  /** Aborted at the timeout, or on Ctrl-C. */
  readonly signal: AbortSignal;
  /** Receives the tried addresses. */
  readonly tried: Set<string>;
}

/** Returns the end of a log; empty if it does not exist. */
async function readLog(file: string | null): Promise<Buffer> {
  return (file === null ? undefined : await readTail(file, MAX_LOG_BYTES)) ?? Buffer.alloc(0);
}

async function isListening(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: CONNECT_MS });
    const end = (answer: boolean): void => {
      signal.removeEventListener("abort", giveUp);
      socket.destroy();
      resolve(answer);
    };
    const giveUp = (): void => end(false);
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(false));
    socket.once("error", () => end(false));
    signal.addEventListener("abort", giveUp);
  });
}

async function succeeds(
  command: string,
  { access, vm, signal, seconds }: Checking,
): Promise<boolean> {
  const options = { signal, acceptExitCodes: allStatuses, env: { VIRT_APPLIANCE_VM: vm } };
  // timeout(1) also ends the shell's child processes, even if it is ended itself.
  const limited = ["--kill-after=5", String(seconds), "sh", "-c", command];
  try {
    return (await access.context.run("timeout", limited, options)).exitCode === 0;
  } catch (error) {
    if (error instanceof ApplianceError && error.code === "LIB_INTERRUPTED") return false;
    throw error;
  }
}

/** Returns every possible address of a VM. */
async function addressesOf(access: HostAccess, vm: string): Promise<ReadonlySet<string>> {
  const { interfaces } = parseDomain(await access.libvirt.dumpXml(vm));
  const macs = interfaces.flatMap(({ mac }) => mac ?? []);
  const neighbours = await readNeighbours(access.paths.root, macs);
  return new Set([...(await access.libvirt.guestAddresses(vm, "anywhere")), ...neighbours]);
}

async function passes(check: HealthCheck, checking: Checking): Promise<boolean> {
  const { access, vm, signal } = checking;
  if (check.kind === "agent") return access.libvirt.pingAgent(vm);
  if (check.kind === "command") return succeeds(check.command, checking);
  if (check.kind === "console") {
    const text = (await readLog(checking.consoleLog)).toString("utf8").replaceAll("\r", "");
    return new RegExp(check.pattern, "m").test(text);
  }
  const { host, port } = check;
  const hosts = host === undefined ? await addressesOf(access, vm) : [host];
  for (const each of hosts) checking.tried.add(each);
  for (const each of hosts) if (await isListening(each, port, signal)) return true;
  return false;
}

/** Describes the failure of a check. */
function complaint(check: HealthCheck, tried: ReadonlySet<string>): string {
  if (check.kind === "agent") return "its guest agent did not respond";
  if (check.kind === "command") return `"${check.command}" did not succeed`;
  if (check.kind === "console") return `its console did not print /${check.pattern}/`;
  if (tried.size > 0) return `could not connect to port ${check.port} of ${[...tried].join(", ")}`;
  return `port ${check.port}: no DHCP lease, guest agent or ARP entry showed its IP address`;
}

/** Tries a check until it passes. Returns why it did not; undefined if it did. */
async function whyNot(step: VerifyStep, access: HostAccess): Promise<string | undefined> {
  const { vm, consoleLog } = step;
  const { check, timeoutSeconds } = step.verification;
  const time = AbortSignal.timeout(timeoutSeconds * 1000);
  const signal = AbortSignal.any([time, access.context.signal]);
  const tried = new Set<string>();
  const checking = { access, vm, consoleLog, signal, seconds: timeoutSeconds, tried };
  for (;;) {
    // Read before the check, so that the VM's last output counts.
    const { isActive, state } = await access.libvirt.domainFacts(vm);
    if (await passes(check, checking)) return undefined;
    throwIfInterrupted(access.context.signal, vm);
    if (!isActive || state === "crashed") return `${complaint(check, tried)} before the VM stopped`;
    if (time.aborted) return `${complaint(check, tried)} within ${timeoutSeconds} s`;
    await sleep(POLL_MS);
  }
}

async function keepLog(step: VerifyStep, access: HostAccess): Promise<string | undefined> {
  const log = await readLog(step.consoleLog);
  if (log.length === 0) return undefined;
  await access.effects.makeFolder(path.dirname(step.keptLog), 0o700);
  await access.effects.writeFile(step.keptLog, log, 0o600);
  return step.keptLog;
}

/**
 * Waits until a VM passes its check.
 *
 * @throws ApplianceError `HOST_UNHEALTHY` if it does not in time; its console log is kept
 */
export async function requireHealth(step: VerifyStep, access: HostAccess): Promise<void> {
  const { vm, previous } = step;
  const task = access.context.progress.start(`waiting for the check of ${vm}`);
  let reason: string | undefined;
  try {
    reason = await whyNot(step, access);
  } finally {
    task.done();
  }
  if (reason === undefined) return;
  const kept = await keepLog(step, access);
  throw new ApplianceError("HOST_UNHEALTHY", `${vm}: did not come up: ${reason}`, {
    details: kept === undefined ? [] : [`its console log is ${kept}`],
    hint: `it was rolled back to ${previous}`,
  });
}

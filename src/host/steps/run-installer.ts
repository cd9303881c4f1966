import { setTimeout as sleep } from "node:timers/promises";
import { ApplianceError } from "../../errors.ts";
import { throwIfInterrupted } from "../../lib/interrupt.ts";
import { INSTALLED_MARK } from "../../recipe/index.ts";
import { consoleLogFile } from "../access/paths.ts";
import type { HostAccess } from "../access/host-access.ts";
import { lastLines, readConsoleTail } from "./console-text.ts";

/** Runs an installer in a defined VM, and waits until it has ended. */
export interface InstallGuestStep {
  readonly kind: "install-guest";
  readonly vm: string;
  /** Arguments of virt-install for starting the installer. */
  readonly virtInstall: readonly string[];
  readonly timeoutSeconds: number;
}

const POLL_MS = 1000;
/** virt-install fetches kernel and initial RAM disk before it starts the VM. */
const START_TIMEOUT_MS = 30 * 60_000;
/** The kernel's last messages are a few lines; those of the installer are before them. */
const SHOWN_LINES = 15;

function failed(
  step: InstallGuestStep,
  access: HostAccess,
  what: { readonly fact: string; readonly console: string | undefined },
): ApplianceError {
  const log = consoleLogFile(access.paths, step.vm);
  const lines = what.console === undefined ? [] : lastLines(what.console, SHOWN_LINES);
  return new ApplianceError("HOST_INSTALL_FAILED", `${step.vm}: ${what.fact}`, {
    details: [
      `console log: ${log}`,
      ...(lines.length === 0 ? ["the console log is empty"] : lines),
    ],
    hint: "the VM and its disks were removed; the log is kept until a VM of this name starts",
  });
}

async function startInstaller(step: InstallGuestStep, access: HostAccess): Promise<void> {
  const timeoutMs = Math.min(START_TIMEOUT_MS, step.timeoutSeconds * 1000);
  try {
    await access.effects.run("virt-install", step.virtInstall, {
      timeoutMs,
      // So that virt-install removes the files that it fetched.
      endSignal: "SIGINT",
    });
  } catch (error) {
    if (!(error instanceof ApplianceError) || error.code !== "LIB_EXEC_FAILED") throw error;
    const said = error.details.filter((line) => line.trim() !== "");
    const isLate =
      error.cause instanceof Error && "timedOut" in error.cause && error.cause.timedOut === true;
    throw new ApplianceError(
      "HOST_INSTALL_FAILED",
      isLate
        ? `${step.vm}: virt-install did not start the installer within ${timeoutMs / 60_000} min`
        : `${step.vm}: virt-install could not start the installer`,
      {
        cause: error,
        details: said.length === 0 ? [error.message] : said,
        ...(isLate ? { hint: "choose a faster tree with --location" } : {}),
      },
    );
  }
}

async function isOff(access: HostAccess, vm: string): Promise<boolean> {
  return !(await access.libvirt.listDomains()).some(
    ({ name, isActive }) => name === vm && isActive,
  );
}

/** Waits until the VM is off. Returns whether it was off in time. */
async function waitUntilOff(step: InstallGuestStep, access: HostAccess): Promise<boolean> {
  const { signal, progress } = access.context;
  const task = progress.start(`installing ${step.vm}`, "time");
  try {
    for (let waitedMs = 0; ; waitedMs += POLL_MS) {
      throwIfInterrupted(signal, step.vm);
      if (await isOff(access, step.vm)) return true;
      if (waitedMs >= step.timeoutSeconds * 1000) return false;
      const said = await readConsoleTail(access.paths, step.vm).catch(() => undefined);
      task.note?.(lastLines(said ?? "", 1)[0] ?? "");
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    task.done();
  }
}

/**
 * Starts the installer in a VM with virt-install, and waits until the VM is off. A message on the console distinguishes
 * success from failure.
 *
 * @throws ApplianceError `HOST_INSTALL_FAILED`, `LIB_INTERRUPTED`
 */
export async function runInstaller(step: InstallGuestStep, access: HostAccess): Promise<void> {
  await startInstaller(step, access);
  const isDone = await waitUntilOff(step, access);
  const console = await readConsoleTail(access.paths, step.vm);
  if (!isDone) {
    const minutes = step.timeoutSeconds / 60;
    const fact = `the installation did not end within ${minutes} min; --install-timeout sets the limit`;
    throw failed(step, access, { fact, console });
  }
  if (console === undefined) {
    access.context.logger.warn(
      `${step.vm}: cannot tell whether the installation succeeded: the host does not log the console`,
    );
  } else if (!console.includes(INSTALLED_MARK)) {
    const fact = "the installer ended before the installation was complete";
    throw failed(step, access, { fact, console });
  }
}

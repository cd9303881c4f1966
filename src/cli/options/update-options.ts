import { ApplianceError } from "../../errors.ts";
import type { UpdateRequest } from "../../host/index.ts";
import { parseHealthCheck } from "./health-check.ts";
import { parseDiskTargets } from "./parse-disk-targets.ts";

/** Default time limit for the health check of a VM. */
export const VERIFY_SECONDS = 300;

/** Options of commands that stop and start a VM to change it. */
export const stopOptions = {
  stop: {
    type: "boolean",
    default: false,
    describe: "shut the VM down when it is running, and start it again",
  },
  "stop-timeout": {
    type: "number",
    default: 120,
    describe: "longest time for the shutdown, in seconds",
  },
  start: { type: "boolean", describe: "start the VM (default: if it was running)" },
} as const;

/** Arguments of commands that stop and start a VM. */
export interface StopArguments {
  readonly stop: boolean;
  readonly stopTimeout: number;
  readonly start: boolean | undefined;
}

/** Arguments of `update`, as parsed by yargs. */
export interface UpdateArguments extends StopArguments {
  readonly vm: string | undefined;
  readonly all: boolean;
  readonly to: string | undefined;
  readonly name: string | undefined;
  readonly maxParallel: number;
  readonly verify: string | undefined;
  readonly verifyTimeout: number;
  readonly accept: boolean;
  readonly dryRun: boolean;
  readonly disk?: readonly string[] | undefined;
}

function usage(message: string): ApplianceError {
  return new ApplianceError("CLI_USAGE", message);
}

function requireSeconds(seconds: number, option: string): number {
  if (seconds > 0 && seconds <= 86_400) return seconds;
  throw usage(`${option}: expected a number of seconds, at most a day`);
}

/** Returns the part of the request about stopping and starting from the command line. */
export function stopRequestOf(args: StopArguments): Pick<UpdateRequest, "stopSeconds" | "start"> {
  const starts = args.start === true ? "yes" : "no";
  return {
    stopSeconds: args.stop ? requireSeconds(args.stopTimeout, "--stop-timeout") : undefined,
    start: args.start === undefined ? "as-before" : starts,
  };
}

/** Returns the request of `update` from the command line. */
export function updateRequestOf(args: UpdateArguments): UpdateRequest {
  const { to, verify } = args;
  if ((args.vm === undefined) !== args.all) throw usage("update: expected either <vm> or --all");
  if (args.all && to !== undefined)
    throw usage("--to: cannot be used with --all, which updates each VM to its newest version");
  if (args.all && args.disk !== undefined)
    throw usage("--disk: cannot be used with --all, because each VM has different disks");
  if (!args.all && args.name !== undefined) throw usage("--name: requires --all");
  if (verify !== undefined && args.start === false)
    throw usage("--verify: a VM that is not started cannot be checked");
  if (args.accept && verify === undefined)
    throw usage("--accept: requires --verify; without a check, use virt-appliance accept");
  if (!Number.isSafeInteger(args.maxParallel) || args.maxParallel < 1)
    throw usage("--max-parallel: expected a number of VMs");
  const timeoutSeconds = requireSeconds(args.verifyTimeout, "--verify-timeout");
  return {
    ...stopRequestOf(args),
    to,
    ...(args.disk === undefined ? {} : { disks: parseDiskTargets(args.disk) }),
    verify: verify === undefined ? undefined : { check: parseHealthCheck(verify), timeoutSeconds },
  };
}

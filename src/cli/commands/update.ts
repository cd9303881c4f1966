import { toolCommand } from "../../lib/command-line.ts";
import {
  describeMatch,
  describeOperation,
  type Host,
  type UpdateOperation,
  type UpdateOutcome,
  type UpdateRequest,
} from "../../host/index.ts";
import { openHostOf } from "../open-host.ts";
import { renderColumns } from "../terminal/render-columns.ts";
import {
  stopOptions,
  type UpdateArguments,
  updateRequestOf,
  VERIFY_SECONDS,
} from "../options/update-options.ts";
import { type Cli, defineCommand, type Command } from "../command.ts";
import { connectOption, dryRunOption } from "../options/shared-options.ts";

function planLines(operation: UpdateOperation): readonly string[] {
  const { subject, from, to, steps, notes, disks } = operation;
  return [
    `${subject}: ${from} -> ${to}`,
    ...disks.map((match) => `disk ${match.id}: ${describeMatch(match)}`),
    ...describeOperation(steps),
    ...notes.map((note) => `note: ${note}`),
  ];
}

function reportCurrent(vm: string, json: boolean, cli: Cli): void {
  const unchanged = { from: null, to: null, outcome: "current", message: null, details: [] };
  if (json) cli.printJson({ vm, ...unchanged });
  else cli.context.logger.info(`${vm}: no newer version is installed`);
}

async function printPlan(host: Host, vm: string, asked: Asked): Promise<void> {
  const { request, json, cli } = asked;
  const operation = await host.plan.update(vm, request);
  if (operation === undefined) return reportCurrent(vm, json, cli);
  const { from, to, steps, notes } = operation;
  const disks = operation.disks.map(({ id, old, by }) => {
    const { id: previous = null, target = null } = old ?? {};
    return { id, previous, target, by };
  });
  if (json) cli.printJson({ vm, from, to, disks, steps: describeOperation(steps), notes });
  else for (const line of planLines(operation)) cli.print(line);
}

interface Asked {
  readonly request: UpdateRequest;
  readonly accept: boolean;
  readonly json: boolean;
  readonly cli: Cli;
}

async function updateOne(host: Host, vm: string, asked: Asked): Promise<void> {
  const { request, json, cli } = asked;
  const { logger } = cli.context;
  const onPlan = (operation: UpdateOperation): void =>
    planLines(operation).forEach((line) => logger.info(line));
  const operation = await host.update(vm, { ...request, onPlan });
  if (operation === undefined) return reportCurrent(vm, json, cli);
  if (asked.accept) await host.accept(vm);
  const { from, to, notes } = operation;
  if (json) cli.printJson({ vm, from, to, outcome: "updated", message: null, details: notes });
  else cli.print(`${vm} ${from} -> ${to}`);
  if (asked.accept) return;
  logger.info(`${vm}: keep the update with ${toolCommand("accept", vm)}, or undo it with rollback`);
}

/** Returns the exit status of `update --all`. A failed health check takes precedence over other failures. */
function exitCodeOf(outcomes: readonly UpdateOutcome[]): number {
  const has = (outcome: UpdateOutcome["outcome"]): boolean =>
    outcomes.some((each) => each.outcome === outcome);
  if (has("unhealthy")) return 3;
  return has("failed") || has("refused") ? 1 : 0;
}

function printOutcomes(outcomes: readonly UpdateOutcome[], cli: Cli): void {
  if (outcomes.length === 0)
    return cli.context.logger.info("no VM created from an appliance matches this name");
  const rows = outcomes.map(({ vm, from, to, outcome }) => [vm, from, to ?? "-", outcome]);
  for (const line of renderColumns([["VM", "FROM", "TO", "OUTCOME"], ...rows])) cli.print(line);
  for (const { vm, details } of outcomes)
    for (const detail of details) cli.context.logger.warn(`${vm}: ${detail}`);
}

async function planMany(host: Host, args: UpdateArguments, asked: Asked): Promise<void> {
  const { request, accept, json, cli } = asked;
  const { name, maxParallel } = args;
  const previews = await host.plan.updateAll({ ...request, name, maxParallel, accept });
  cli.setExitCode(exitCodeOf(previews));
  if (json) {
    const described = previews.map((each) => ({ ...each, steps: describeOperation(each.steps) }));
    return cli.printJson(described);
  }
  for (const { vm, steps } of previews)
    for (const line of describeOperation(steps)) cli.print(`${vm}: ${line}`);
  printOutcomes(previews, cli);
}

async function updateMany(host: Host, args: UpdateArguments, asked: Asked): Promise<void> {
  const { request, accept, json, cli } = asked;
  const { name, maxParallel } = args;
  const outcomes = await host.updateAll({
    ...request,
    name,
    maxParallel,
    accept,
    onOutcome: ({ vm, outcome, message }) =>
      cli.context.logger.info(message ?? `${vm}: ${outcome}`),
  });
  cli.setExitCode(exitCodeOf(outcomes));
  if (json) return cli.printJson(outcomes);
  printOutcomes(outcomes, cli);
}

/** `update VM`: updates a VM to another version of its appliance. */
export const command: Command = defineCommand({
  positionals: { vm: { type: "string", describe: "name of the VM; or give --all" } },
  options: {
    to: {
      type: "string",
      describe: "installed VERSION or VERSION-RELEASE (default: the newest)",
    },
    disk: {
      type: "string",
      array: true,
      nargs: 1,
      describe:
        "DISK=TARGET: the disk DISK of the new version is TARGET in the VM; DISK=none: the VM has no such disk",
    },
    ...stopOptions,
    verify: {
      type: "string",
      describe:
        "roll back unless this check succeeds: CMD, tcp:PORT, console:REGEX or agent (default: do not check)",
    },
    "verify-timeout": {
      type: "number",
      default: VERIFY_SECONDS,
      describe: "longest time until the check succeeds, in seconds",
    },
    accept: {
      type: "boolean",
      default: false,
      describe: "accept the update when the check succeeds",
    },
    all: {
      type: "boolean",
      default: false,
      describe: "update every VM with a newer version; stop at the first that does not come up",
    },
    name: {
      type: "string",
      describe: "with --all: names of the VMs, with wildcards * and ? (default: every VM)",
    },
    "max-parallel": {
      type: "number",
      default: 1,
      describe: "with --all: number of VMs to update at a time",
    },
    "dry-run": dryRunOption,
    connect: connectOption,
  },
  examples: [
    ["virt-appliance update vm1 --stop --verify tcp:443", "roll back if port 443 does not open"],
  ],
  exitStatuses: { 3: "with --verify: the check failed, and the VM was rolled back" },
  run: async (args, cli) => {
    const request = updateRequestOf(args);
    const host = await openHostOf(cli, { connect: args.connect, changes: true });
    const asked = { request, accept: args.accept, json: args.json, cli };
    if (args.vm === undefined) return (args.dryRun ? planMany : updateMany)(host, args, asked);
    return args.dryRun ? printPlan(host, args.vm, asked) : updateOne(host, args.vm, asked);
  },
});

import { ApplianceError } from "../../errors.ts";
import {
  type CreateRequest,
  describeOperation,
  type Host,
  type RecipeRequest,
  type VmCreation,
} from "../../host/index.ts";
import { askParameters } from "../terminal/ask-parameters.ts";
import {
  type CreateArguments,
  createRequestOf,
  machineOptions,
} from "../options/create-options.ts";
import { readSettings } from "../options/read-settings.ts";
import { openHostOf } from "../open-host.ts";
import {
  type RecipeCreateArguments,
  recipeRequestOf,
  refuseRecipeOptions,
  recipeCreateOptions,
} from "../options/recipe-options.ts";
import { type Cli, defineCommand, type Command } from "../command.ts";
import {
  connectOption,
  dryRunOption,
  installedArgument,
  setOption,
} from "../options/shared-options.ts";

const DEFAULT_WAIT_SECONDS = 120;

/** Waits for a sign of life. Without one, warns and sets the exit status to 1; the VM keeps running. */
async function reportBoot(host: Host, vm: string, seconds: number, cli: Cli): Promise<void> {
  const sign = await host.waitForBoot(vm, { timeoutMs: seconds * 1000 });
  if (sign !== undefined) return cli.context.logger.info(`${vm}: is up (${sign})`);
  cli.context.logger.warn(
    `${vm}: runs, but showed no sign of life for ${seconds} s: no console output, IP address or guest agent`,
  );
  cli.setExitCode(1);
}

/** Creation of a VM, with one interface for images and recipes. */
interface Making {
  readonly vm: string;
  readonly plan: () => Promise<VmCreation>;
  readonly make: () => Promise<VmCreation>;
}

function fromImage(host: Host, request: CreateRequest): Making {
  return {
    vm: request.vm,
    plan: () => host.plan.create(request),
    make: () => host.create(request),
  };
}

function fromRecipe(host: Host, request: RecipeRequest): Making {
  return {
    vm: request.machine.vm,
    plan: () => host.plan.provision(request),
    make: () => host.provision(request),
  };
}

/** Finds the image or recipe of the name. For a recipe, asks for required parameters that are not set. */
async function openMaking(
  host: Host,
  args: CreateArguments & RecipeCreateArguments,
  cli: Cli,
): Promise<Making> {
  const { kind, note } = await host.findSource(args.name);
  if (note !== undefined) cli.context.logger.warn(note);
  if (kind === "image") {
    refuseRecipeOptions(args, args.name);
    return fromImage(host, createRequestOf(args));
  }
  // Checks the options before the first question.
  recipeRequestOf(args, []);
  const layers = await askParameters(host, { recipe: args.name, set: args.set ?? [] }, cli);
  return fromRecipe(host, recipeRequestOf(args, layers));
}

function reportPlan(planned: VmCreation, json: boolean, cli: Cli): void {
  const { verb, subject, instance, notes } = planned;
  for (const note of notes) cli.context.logger.warn(note);
  if (json) {
    // The content of a file may be secret.
    const steps = planned.steps.map((step) =>
      step.kind === "write-file" ? { ...step, base64: null } : step,
    );
    cli.printJson({ verb, vm: subject, steps, instance, notes });
  } else for (const line of describeOperation(planned.steps)) cli.print(line);
}

/** `create NAME VM`: creates a VM from an installed appliance or recipe. */
export const command: Command = defineCommand({
  passesOn: true,
  positionals: {
    name: installedArgument,
    vm: { type: "string", demandOption: true, describe: "name of the new VM" },
  },
  options: {
    ...machineOptions,
    ...recipeCreateOptions,
    set: setOption,
    autostart: {
      type: "boolean",
      default: false,
      describe: "start the VM when the host boots",
    },
    start: { type: "boolean", default: true, describe: "start the VM now" },
    "wait-boot": {
      type: "number",
      requiresArg: false,
      describe: `seconds to wait for a sign of life, ${DEFAULT_WAIT_SECONDS} without a value (default: do not wait)`,
    },
    "print-xml": {
      type: "boolean",
      default: false,
      describe: "print the domain XML; change nothing",
    },
    "dry-run": dryRunOption,
    connect: connectOption,
  },
  examples: [
    [
      "virt-appliance create web vm1 --memory 2G -- --sound ich6",
      "options after -- are passed to virt-install",
    ],
  ],
  exitStatuses: { 1: "also when --wait-boot sees no sign of life; the VM keeps running" },
  run: async (args, cli) => {
    const host = await openHostOf(cli, { connect: args.connect, changes: true });
    if (args.waitBoot !== undefined && !args.start)
      throw new ApplianceError("CLI_USAGE", "--wait-boot: cannot be used with --no-start");
    const set = await readSettings(args.set ?? [], cli.context);
    const { vm, plan, make } = await openMaking(host, { ...args, set, "--": args["--"] }, cli);
    if (args.printXml || args.dryRun) {
      const planned = await plan();
      if (args.printXml) cli.print(planned.xml);
      else reportPlan(planned, args.json, cli);
      return;
    }
    const { instance } = await make();
    if (args.json) cli.printJson({ vm, started: args.start, ...instance });
    else cli.print(vm);
    if (args.waitBoot === undefined) return;
    const seconds = Number.isNaN(args.waitBoot) ? DEFAULT_WAIT_SECONDS : args.waitBoot;
    await reportBoot(host, vm, seconds, cli);
  },
});

import { ApplianceError } from "../../errors.ts";
import { createVm, describeOperation, prepareCreate, waitForBoot } from "../../host/index.ts";
import type { Host, PreparedCreate } from "../../host/index.ts";
import { createWishOf } from "../create-options.ts";
import { openHostOf } from "../open-host.ts";
import { defineVerb } from "../verb.ts";
import type { Cli, Verb } from "../verb.ts";

const DEFAULT_WAIT_SECONDS = 120;

/** Waits for a sign of life; a silent guest is said, and is a failure of the command but not of the VM. */
async function reportBoot(host: Host, vm: string, seconds: number, cli: Cli): Promise<void> {
  const sign = await waitForBoot(host, vm, { timeoutMs: seconds * 1000 });
  if (sign !== undefined) return cli.context.logger.info(`${vm}: it is up (${sign})`);
  cli.context.logger.warn(
    `${vm}: it runs, but said nothing for ${seconds} s: no console output, address or guest agent`,
  );
  cli.setExitCode(1);
}

function reportPlan(prepared: PreparedCreate, json: boolean, cli: Cli): void {
  const { operation, notes } = prepared;
  for (const note of notes) cli.context.logger.warn(note);
  if (json) {
    const { verb, subject, steps, instance } = operation;
    cli.printJson({ verb, vm: subject, steps, instance, notes });
  } else for (const line of describeOperation(operation.steps)) cli.print(line);
}

/** `create NAME VM`: a VM from an installed appliance. */
export const verb: Verb = defineVerb({
  command: "create <name> <vm>",
  passesOn: true,
  describe: "make a VM from an installed appliance, and start it",
  options: (yargs) =>
    yargs
      .positional("name", {
        type: "string",
        demandOption: true,
        describe: "NAME, NAME-VERSION or NAME-VERSION-RELEASE; the newest by default",
      })
      .positional("vm", { type: "string", demandOption: true, describe: "name of the new VM" })
      .option("memory", { type: "string", describe: "MiB, or a size such as 2G" })
      .option("vcpus", { type: "number", describe: "processors" })
      .option("network", {
        type: "string",
        array: true,
        requiresArg: true,
        describe: "as virt-install takes it; a name alone is a libvirt network",
      })
      .option("mac", { type: "string", describe: "address of the first interface" })
      .option("graphics", { type: "string", describe: "as virt-install takes it" })
      .option("boot", { type: "number", describe: "boot descriptor to use, from 0" })
      .option("virt-type", { type: "string", describe: "hypervisor: kvm, qemu" })
      .option("pool", { type: "string", describe: "libvirt pool for the disks" })
      .option("copy", {
        type: "boolean",
        default: false,
        describe: "copy system disks instead of laying overlays on the base",
      })
      .option("set", {
        type: "string",
        array: true,
        requiresArg: true,
        describe: "KEY=VALUE: a parameter that the appliance declares",
      })
      .option("autostart", {
        type: "boolean",
        default: false,
        describe: "start the VM with the host",
      })
      .option("start", { type: "boolean", default: true, describe: "start the VM now" })
      .option("wait-boot", {
        type: "number",
        describe: `wait this many seconds for a sign of life (${DEFAULT_WAIT_SECONDS})`,
      })
      .option("print-xml", {
        type: "boolean",
        default: false,
        describe: "print the domain, make nothing",
      })
      .option("dry-run", {
        type: "boolean",
        default: false,
        describe: "print the plan, make nothing",
      })
      .option("connect", { type: "string", describe: "libvirt to use: a URI" })
      .example(
        "$0 create web vm1 --memory 2G -- --sound ich6",
        "options behind -- are virt-install's",
      ),
  run: async (args, cli) => {
    const wish = createWishOf({ ...args, "--": args["--"] });
    const host = await openHostOf(cli, { connect: args.connect, changes: true });
    if (args.printXml || args.dryRun) {
      const prepared = await prepareCreate(host, wish);
      if (args.printXml) cli.print(prepared.operation.xml);
      else reportPlan(prepared, args.json, cli);
      return;
    }
    if (args.waitBoot !== undefined && !wish.start)
      throw new ApplianceError("CLI_USAGE", "--wait-boot: it cannot be used with --no-start");
    const { operation } = await createVm(host, wish);
    if (args.json) cli.printJson({ vm: wish.vm, started: wish.start, ...operation.instance });
    else cli.print(wish.vm);
    if (args.waitBoot === undefined) return;
    const seconds = Number.isNaN(args.waitBoot) ? DEFAULT_WAIT_SECONDS : args.waitBoot;
    await reportBoot(host, wish.vm, seconds, cli);
  },
});

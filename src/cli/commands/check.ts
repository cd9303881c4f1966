import { lstat } from "node:fs/promises";
import {
  type Appliance,
  type HostCapabilities,
  type HostMatch,
  matchHost,
} from "../../appliance/index.ts";
import { ApplianceError, escapeControls } from "../../errors.ts";
import { readSmallFile } from "../../lib/plain-file.ts";
import { openLibvirt, parseCapabilities } from "../../libvirt/index.ts";
import { renderProblem } from "../../pipeline/index.ts";
import { inspectSource } from "../../source/index.ts";
import { openHostOf } from "../open-host.ts";
import { type Cli, defineCommand, type Command } from "../command.ts";
import { libvirtOption } from "../options/shared-options.ts";

/** Maximum size of the output of `virsh capabilities`. */
const MAX_CAPABILITIES_BYTES = 32 * 1024 * 1024;

/** Exit status when the host lacks something. */
const CANNOT_RUN = 4;

/** Returns the path of a descriptor. A file or folder of this name takes precedence over an installed appliance. */
async function locate(source: string, cli: Cli): Promise<string> {
  if (source.includes("/") || (await lstat(source).catch(() => undefined)) !== undefined)
    return source;
  const host = await openHostOf(cli, { connect: undefined, changes: false });
  return (await host.findDescriptor(source)) ?? source;
}

interface ReadDescriptor {
  readonly appliance: Appliance;
  /** Set if the descriptor could be parsed but has errors, so that it cannot be used. */
  readonly error: ApplianceError | undefined;
}

/** Returns a descriptor as far as it can be parsed. Throws the error if none of it can be parsed. */
async function readDescriptor(source: string, cli: Cli): Promise<ReadDescriptor> {
  // The check needs no disks, so problems with the files are ignored.
  const { appliance, understood, problems } = await inspectSource(source, cli.context);
  if (appliance !== undefined) return { appliance, error: undefined };
  const errors = problems.filter(({ severity }) => severity === "error");
  const error = new ApplianceError("SOURCE_INVALID", `${source}: the descriptor cannot be used`, {
    details: errors.map(renderProblem),
  });
  if (understood === undefined) throw error;
  return { appliance: understood, error };
}

async function readHost(
  file: string | undefined,
  uri: string | undefined,
  cli: Cli,
): Promise<HostCapabilities> {
  if (file === undefined) return openLibvirt(cli.context, { uri }).capabilities();
  const { signal } = cli.context;
  const xml = await readSmallFile(file, { maxBytes: MAX_CAPABILITIES_BYTES, signal });
  if (xml.toString("utf8").trim() === "") {
    throw new ApplianceError(
      "LIBVIRT_UNEXPECTED",
      `${file}: empty, expected a host's capabilities`,
      {
        hint: "run virsh capabilities on the KVM host, as root, and write its output to the file",
      },
    );
  }
  return parseCapabilities(xml, file);
}

function describe(appliance: Appliance, match: HostMatch): string {
  // A descriptor with errors may have no name, or a name with control characters.
  const name = appliance.name === "" ? "no name" : escapeControls(appliance.name);
  const boot = match.boot === null ? undefined : appliance.boots[match.boot];
  if (boot === undefined) return `${name}: cannot run on this host`;
  return `${name}: can run on this host, as boot ${match.boot} (${boot.type}, ${boot.arch}) under ${escapeControls(match.domainType ?? "")}`;
}

/** `check NAME|SOURCE`: reports whether an appliance can run on a host, and every reason why not. */
export const command: Command = defineCommand({
  positionals: {
    source: {
      type: "string",
      demandOption: true,
      describe: "name of an installed appliance, or a tarball, directory or descriptor",
    },
  },
  options: {
    capabilities: {
      type: "string",
      conflicts: "connect",
      describe:
        "file with the output of `virsh capabilities` on another host (default: ask this host)",
    },
    connect: libvirtOption,
  },
  examples: [
    ["virt-appliance check web-1.2.tar.gz --capabilities kvm7.xml", "can it run on that host?"],
  ],
  exitStatuses: { 4: "the host cannot run the appliance; every reason is printed" },
  run: async (args, cli) => {
    const { appliance, error } = await readDescriptor(await locate(args.source, cli), cli);
    const host = await readHost(args.capabilities, args.connect, cli).catch((cause: unknown) => {
      throw error ?? cause;
    });
    const match = matchHost(appliance, host);
    if (args.json) {
      cli.printJson(match);
    } else {
      cli.print(describe(appliance, match));
      // Names in the reasons come from the host's XML.
      for (const reason of match.reasons) cli.print(`  ${escapeControls(reason)}`);
    }
    if (error !== undefined) throw error;
    if (!match.ok) cli.setExitCode(CANNOT_RUN);
  },
});

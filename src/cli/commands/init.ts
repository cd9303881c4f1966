import { renderDescriptor } from "../../appliance/index.ts";
import { writeFileAtomically } from "../../lib/atomic.ts";
import { initAppliance } from "../../draft/index.ts";
import { checkApplianceName } from "../options/appliance-name.ts";
import { refuseExisting } from "../refuse-existing.ts";
import { defineCommand, type Command } from "../command.ts";
import { libvirtOption } from "../options/shared-options.ts";

/** `init SOURCE`: writes a first descriptor to standard output or a file. Reports omissions on standard error. */
export const command: Command = defineCommand({
  positionals: {
    source: {
      type: "string",
      demandOption: true,
      describe: "libvirt domain XML, disk image, or name of a domain",
    },
  },
  options: {
    output: {
      alias: "o",
      type: "string",
      describe: "file to write the descriptor to (default: standard output)",
    },
    name: {
      type: "string",
      describe: "name of the appliance (default: made from the name of the domain or image)",
    },
    connect: libvirtOption,
  },
  examples: [
    ["virt-appliance init web.xml -o appliance.xml", "from the XML of a domain"],
    ["virt-appliance init web01", "from a domain of this host"],
  ],
  run: async (args, cli) => {
    checkApplianceName(args.name);
    if (args.output !== undefined) await refuseExisting(args.output);
    const draft = await initAppliance(args.source, cli.context, {
      uri: args.connect,
      name: args.name,
      output: args.output,
    });
    const descriptor = renderDescriptor(draft.appliance);
    const notes = draft.notes.map(({ kind, message }) => ({ kind, message }));
    for (const { kind, message } of notes) {
      if (kind === "lost") cli.context.logger.warn(`${kind}: ${message}`);
      else cli.context.logger.info(`${kind}: ${message}`);
    }
    if (args.output !== undefined) await writeFileAtomically(args.output, descriptor);
    if (args.json) {
      cli.printJson({ descriptor, output: args.output ?? null, notes });
    } else if (args.output === undefined) {
      cli.print(descriptor.trimEnd());
    } else {
      cli.print(args.output);
    }
  },
});

import { writeFileAtomically } from "../../../lib/atomic.ts";
import { exportKey } from "../../../sign/index.ts";
import { defineCommand, type Command } from "../../command.ts";
import { keysFolder } from "../../options/keys-folder.ts";
import { refuseExisting } from "../../refuse-existing.ts";
import { signingOptions } from "../../options/signing-options.ts";

/** `keys export KEY`: writes the public half of a key. */
export const command: Command = defineCommand({
  positionals: { key: { type: "string", demandOption: true, describe: "name or fingerprint" } },
  options: {
    keys: signingOptions.keys,
    output: {
      alias: "o",
      type: "string",
      describe: "file to write (default: standard output)",
    },
  },
  run: async (args, cli) => {
    const folder = args.keys ?? keysFolder(cli.environment);
    const text = await exportKey(args.key, folder, cli.context.now());
    if (args.output !== undefined) {
      await refuseExisting(args.output, text);
      await writeFileAtomically(args.output, text);
      if (args.json) cli.printJson({ path: args.output });
      else cli.print(args.output);
    } else if (args.json) cli.printJson({ publicKey: text });
    else cli.print(text.trimEnd());
  },
});

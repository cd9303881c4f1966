import { openSigner, signRpm } from "../../sign/index.ts";
import type { SignedRpm } from "../../sign/index.ts";
import { keysFolder } from "../keys-folder.ts";
import { readPassphrase } from "../passphrase.ts";
import { sourceDateEpoch } from "../source-date-epoch.ts";
import { defineVerb } from "../verb.ts";
import type { Verb } from "../verb.ts";

/** `sign RPM… --key KEY`: packages are signed in place; their paths go to standard output. */
export const verb: Verb = defineVerb({
  command: "sign <rpm..>",
  describe: "sign packages in place",
  options: (yargs) =>
    yargs
      .positional("rpm", { type: "string", array: true, demandOption: true, describe: "packages" })
      .option("key", {
        alias: "k",
        type: "string",
        demandOption: true,
        describe: "key: a file, a name or a fingerprint",
      })
      .option("keys", { type: "string", describe: "folder of keys" })
      .option("passphrase-fd", {
        type: "number",
        describe: "read the passphrase from this file descriptor",
      })
      .example("$0 sign out/*.rpm --key web", "sign with the key named web"),
  run: async (args, cli) => {
    const { context } = cli;
    const epoch = sourceDateEpoch(cli.environment);
    const signer = await openSigner({
      key: args.key,
      folder: args.keys ?? keysFolder(cli.environment),
      passphrase: await readPassphrase(args, cli),
      now: context.now(),
    });
    const signed: SignedRpm[] = [];
    for (const path of args.rpm) {
      const createdAt = epoch === undefined ? undefined : new Date(epoch * 1000);
      const result = await signRpm(path, signer, context, { createdAt });
      if (result.rewritten)
        context.logger.info(`${path}: written anew, it had no room or other names`);
      if (!args.json) cli.print(path);
      signed.push(result);
    }
    if (args.json) cli.printJson(signed);
  },
});

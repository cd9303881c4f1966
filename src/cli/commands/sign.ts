import { type SignedRpm, signRpm } from "../../sign/index.ts";
import { openRequiredSigner, signingOptions } from "../options/signing-options.ts";
import { dateOfEpoch } from "../options/source-date-epoch.ts";
import { defineCommand, type Command } from "../command.ts";
import { chosenTargets, keyForOption } from "../options/target-options.ts";
import { packagesArgument } from "../options/shared-options.ts";

/** `sign RPM… (--key KEY | --signer WHO)`: signs packages in place, and prints their paths on standard output. */
export const command: Command = defineCommand({
  positionals: { rpm: packagesArgument },
  options: {
    ...signingOptions,
    for: keyForOption,
    "check-payload": {
      type: "boolean",
      default: false,
      describe: "read the payload first, and refuse a damaged one",
    },
  },
  examples: [["virt-appliance sign out/*.rpm --key web", "sign with the key named web"]],
  run: async (args, cli) => {
    const { context } = cli;
    const createdAt = dateOfEpoch(cli.environment);
    const signer = await openRequiredSigner({ ...args, targets: chosenTargets(args.for) }, cli);
    const payload = args.checkPayload ? "read" : "unread";
    const signed: SignedRpm[] = [];
    for (const path of args.rpm) {
      const result = await signRpm(path, signer, context, { createdAt, payload });
      if (result.rewritten)
        context.logger.info(
          `${path}: rewritten, because it had no room for a signature or other names`,
        );
      for (const { tag, keyId } of result.replaced) {
        const key = keyId === undefined ? "an unknown key" : `key ${keyId}`;
        context.logger.warn(`${path}: removed the signature of ${key} (tag ${tag})`);
      }
      if (!args.json) cli.print(path);
      signed.push(result);
    }
    if (args.json) cli.printJson(signed);
  },
});

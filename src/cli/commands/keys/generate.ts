import { ApplianceError } from "../../../errors.ts";
import { generateKey } from "../../../sign/index.ts";
import { defineCommand, type Command } from "../../command.ts";
import { KEYS_FOLDER, keysFolder } from "../../options/keys-folder.ts";
import { readNewPassphrase } from "../../terminal/passphrase.ts";
import { signingOptions } from "../../options/signing-options.ts";
import { sourceDateEpoch } from "../../options/source-date-epoch.ts";

function chosenUserId(args: {
  readonly name: string;
  readonly email: string | undefined;
  readonly uid: string | undefined;
}): string {
  if ((args.email === undefined) === (args.uid === undefined)) {
    throw new ApplianceError("CLI_USAGE", "keys generate: expected either --email or --uid");
  }
  return args.uid ?? `${args.name} <${args.email ?? ""}>`;
}

/** `keys generate --name NAME`: generates a key, and prints the paths of its halves. */
export const command: Command = defineCommand({
  options: {
    name: {
      type: "string",
      demandOption: true,
      describe: "short name of the key; the names of its files contain it",
    },
    email: { type: "string", describe: "email address; the user id is NAME <EMAIL>" },
    uid: {
      type: "string",
      describe: "whole user id, in place of --email: Text <address>",
    },
    output: {
      alias: "o",
      type: "string",
      describe: `folder for both halves (default: ${KEYS_FOLDER})`,
    },
    expires: { type: "number", describe: "lifetime in days (default: unlimited)" },
    "passphrase-fd": signingOptions["passphrase-fd"],
  },
  examples: [
    ["virt-appliance keys generate --name web --email builders@example.com", "a key named web"],
  ],
  run: async (args, cli) => {
    const userId = chosenUserId(args);
    const passphrase = await readNewPassphrase(args, cli);
    const epoch = sourceDateEpoch(cli.environment);
    const key = await generateKey({
      name: args.name,
      userId,
      folder: args.output ?? keysFolder(cli.environment),
      passphrase,
      createdAt: epoch === undefined ? cli.context.now() : new Date(epoch * 1000),
      lifetimeDays: args.expires,
      signal: cli.context.signal,
    });
    if (!key.locked) {
      cli.context.logger.warn(`${key.secretPath}: no passphrase: anyone who can read it can sign`);
    }
    for (const warning of key.warnings) cli.context.logger.warn(`${args.name}: ${warning}`);
    if (args.json) {
      cli.printJson(key);
      return;
    }
    cli.context.logger.info(
      `generated ${key.algorithm} key ${key.fingerprint} for ${key.userIds[0]}`,
    );
    cli.print(key.publicPath);
    cli.print(key.secretPath);
  },
});

import { ApplianceError, escapeControls } from "../../errors.ts";
import { writeFileAtomically } from "../../lib/atomic.ts";
import { exportKey, generateKey, type ListedKey, listKeys } from "../../sign/index.ts";
import { KEYS_FOLDER, keysFolder } from "../keys-folder.ts";
import { readNewPassphrase } from "../passphrase.ts";
import { refuseExisting } from "../refuse-existing.ts";
import { renderColumns } from "../render-columns.ts";
import { signingOptions } from "../signing-options.ts";
import { sourceDateEpoch } from "../source-date-epoch.ts";
import { defineCommand, defineCommandGroup, type Command } from "../command.ts";
import { descriptions } from "../command-descriptions.ts";

function asDate(date: Date | undefined): string {
  return date === undefined ? "never" : date.toISOString().slice(0, 10);
}

const heading = ["NAME", "FINGERPRINT", "ALGORITHM", "CREATED", "EXPIRES", "HALVES", "USER ID"];

function rowOf(key: ListedKey): readonly string[] {
  return [
    key.name,
    key.fingerprint,
    key.algorithm,
    asDate(key.createdAt),
    key.revoked ? "revoked" : asDate(key.expiresAt),
    key.hasSecret ? "public, secret" : "public",
    key.userIds[0] ?? "",
  ].map(escapeControls);
}

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

const generate = defineCommand({
  command: "generate",
  describe: "generate a key for signing packages and repositories",
  options: (yargs) =>
    yargs
      .option("name", {
        type: "string",
        demandOption: true,
        describe: "short name of the key; the names of its files contain it",
      })
      .option("email", { type: "string", describe: "email address; the user id is NAME <EMAIL>" })
      .option("uid", {
        type: "string",
        describe: "whole user id, in place of --email: Text <address>",
      })
      .option("output", {
        alias: "o",
        type: "string",
        describe: `folder for both halves (default: ${KEYS_FOLDER})`,
      })
      .option("expires", { type: "number", describe: "lifetime in days (default: unlimited)" })
      .option("passphrase-fd", signingOptions["passphrase-fd"])
      .example("$0 keys generate --name web --email builders@example.com", "a key named web"),
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

const list = defineCommand({
  command: "list",
  describe: "list the keys in a folder",
  options: (yargs) => yargs.option("keys", signingOptions.keys),
  run: async (args, cli) => {
    const folder = args.keys ?? keysFolder(cli.environment);
    const { keys, broken } = await listKeys(folder, cli.context.now());
    for (const { problem } of broken) cli.context.logger.warn(problem);
    for (const { name, warnings } of keys) {
      for (const warning of warnings) cli.context.logger.warn(`${name}: ${warning}`);
    }
    if (args.json) return cli.printJson(keys);
    if (keys.length === 0) return cli.context.logger.info(`${folder}: no keys`);
    for (const line of renderColumns([heading, ...keys.map(rowOf)])) cli.print(line);
  },
});

const exportCommand = defineCommand({
  command: "export <key>",
  describe: "write the public half of a key",
  options: (yargs) =>
    yargs
      .positional("key", { type: "string", demandOption: true, describe: "name or fingerprint" })
      .option("keys", signingOptions.keys)
      .option("output", {
        alias: "o",
        type: "string",
        describe: "file to write (default: standard output)",
      }),
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

/** `keys generate | list | export`. */
export const command: Command = defineCommandGroup({
  command: "keys",
  describe: descriptions.keys,
  commands: [generate, list, exportCommand],
});

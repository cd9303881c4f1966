import { escapeControls } from "../../../errors.ts";
import { type ListedKey, listKeys } from "../../../sign/index.ts";
import { defineCommand, type Command } from "../../command.ts";
import { keysFolder } from "../../options/keys-folder.ts";
import { renderColumns } from "../../terminal/render-columns.ts";
import { chosenTargets, warnForOption } from "../../options/target-options.ts";
import { signingOptions } from "../../options/signing-options.ts";

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

/** `keys list`: lists the keys in a folder. */
export const command: Command = defineCommand({
  options: { keys: signingOptions.keys, for: warnForOption },
  run: async (args, cli) => {
    const folder = args.keys ?? keysFolder(cli.environment);
    const { keys, broken } = await listKeys(folder, cli.context.now(), {
      targets: chosenTargets(args.for),
    });
    for (const { problem } of broken) cli.context.logger.warn(problem);
    for (const { name, warnings } of keys) {
      for (const warning of warnings) cli.context.logger.warn(`${name}: ${warning}`);
    }
    if (args.json) return cli.printJson(keys);
    if (keys.length === 0) return cli.context.logger.info(`${folder}: no keys`);
    for (const line of renderColumns([heading, ...keys.map(rowOf)])) cli.print(line);
  },
});

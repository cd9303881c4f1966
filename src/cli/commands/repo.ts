import { defineCommandGroup, type Command } from "../command.ts";
import { addCommand } from "./repo/add.ts";
import { checkCommand } from "./repo/check.ts";
import { initCommand } from "./repo/init.ts";
import { listCommand } from "./repo/list.ts";
import { removeCommand } from "./repo/remove.ts";
import { serveCommand } from "./repo/serve.ts";
import { descriptions } from "../command-descriptions.ts";

/** `repo COMMAND DIR …`: manages a yum repository in a folder. */
export const command: Command = defineCommandGroup({
  command: "repo",
  describe: descriptions.repo,
  commands: [initCommand, addCommand, removeCommand, listCommand, checkCommand, serveCommand],
});

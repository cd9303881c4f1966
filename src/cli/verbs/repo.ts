import { defineVerbGroup, type Verb } from "../verb.ts";
import { addVerb } from "./repo/add.ts";
import { checkVerb } from "./repo/check.ts";
import { initVerb } from "./repo/init.ts";
import { listVerb } from "./repo/list.ts";
import { removeVerb } from "./repo/remove.ts";
import { serveVerb } from "./repo/serve.ts";
import { descriptions } from "../verb-descriptions.ts";

/** `repo COMMAND DIR …`: manages a yum repository in a folder. */
export const verb: Verb = defineVerbGroup({
  command: "repo",
  describe: descriptions.repo,
  verbs: [initVerb, addVerb, removeVerb, listVerb, checkVerb, serveVerb],
});

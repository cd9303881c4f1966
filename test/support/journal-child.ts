import path from "node:path";
import { openEffects } from "../../src/lib/journal/effects.ts";
import { openJournal } from "../../src/lib/journal/journal.ts";
import { testContext } from "./context.ts";
import { putSteps } from "./put-steps.ts";

/** Runs a journalled operation in a folder and is really killed at one of its changes: FOLDER INDEX. */
const [folder = "", index = ""] = process.argv.slice(2);
const context = testContext();
let count = 0;
const effects = openEffects(context.run, {
  before: () => {
    if (count === Number(index)) process.kill(process.pid, "SIGKILL");
    count += 1;
  },
});
const journal = openJournal({ folder: path.join(folder, "journal"), effects, now: context.now });
const steps = ["a", "b", "c"].map((name) => ({ kind: "put", file: path.join(folder, name) }));
const operation = { verb: "put", subject: "all", steps, commitAfter: 2 };
await journal.run(operation, putSteps, { apply: { effects }, undo: { effects } });

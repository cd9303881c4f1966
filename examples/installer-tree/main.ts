import path from "node:path";
import { parseArgs } from "node:util";
import { makeDemoContext } from "../demo/demo-context.ts";
import { buildInstallerTree } from "./index.ts";

const CACHE = path.join(import.meta.dirname, "../../.cache/debian");

/** Makes an installer tree: main.ts -o FOLDER [--installed NAME,…] [--offered NAME,…]. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      output: { type: "string", short: "o" },
      installed: { type: "string", default: "" },
      offered: { type: "string", default: "" },
    },
  });
  if (values.output === undefined) throw new Error("-o FOLDER is missing");
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => controller.abort(new Error("interrupted")));
  }
  const namesIn = (text: string): readonly string[] =>
    text.split(",").filter((name) => name !== "");
  const { folder } = await buildInstallerTree(
    {
      outputFolder: path.resolve(values.output),
      cacheFolder: CACHE,
      installed: namesIn(values.installed),
      offered: namesIn(values.offered),
    },
    makeDemoContext(controller.signal),
  );
  process.stdout.write(`${folder}\n`);
}

await main();

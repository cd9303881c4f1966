import { openSource } from "../../src/source/index.ts";
import { testContext } from "./context.ts";

/**
 * A separate program, so that its memory can be measured: opens the given source, spools it into the given
 * folder, and writes what it needed as JSON.
 */
async function main(): Promise<void> {
  const [origin = "", temporaryFolder = ""] = process.argv.slice(2);
  const started = performance.now();
  await using source = await openSource(origin, testContext({ temporaryFolder }));
  const answer = {
    ms: Math.round(performance.now() - started),
    maxRssBytes: process.resourceUsage().maxRSS * 1024,
    files: source.files.map(({ path, sizeBytes, sha256 }) => ({ path, sizeBytes, sha256 })),
  };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

await main();

import { readFile } from "node:fs/promises";
import { buildRpm } from "../../src/rpm/index.ts";
import { testContext } from "../support/context.ts";
import { packagePlan, stagedFile } from "../fixtures/package-plan.ts";

// Packages STAGING/disk, or the plan in the file PLAN, into OUTPUT. Prints how much memory that took at most, in KiB.
const [stagingFolder = "", outputFolder = "", planFile] = process.argv.slice(2);
const plan =
  planFile === undefined
    ? packagePlan({ entries: [stagedFile("/opt/disk", "disk")] })
    : JSON.parse(await readFile(planFile, "utf8"));
await buildRpm(plan, { stagingFolder, outputFolder }, testContext());
console.log(process.resourceUsage().maxRSS);

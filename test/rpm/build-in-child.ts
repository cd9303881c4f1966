import { buildRpm } from "../../src/rpm/index.ts";
import { testContext } from "../support/context.ts";
import { packagePlan, stagedFile } from "../fixtures/package-plan.ts";

// Packages STAGING/disk into OUTPUT and prints how much memory that took at most, in KiB.
const [stagingFolder = "", outputFolder = ""] = process.argv.slice(2);
const plan = packagePlan({ entries: [stagedFile("/opt/disk", "disk")] });
await buildRpm(plan, { stagingFolder, outputFolder }, testContext());
console.log(process.resourceUsage().maxRSS);

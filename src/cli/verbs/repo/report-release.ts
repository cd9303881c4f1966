import type { ReleaseResult } from "../../../pipeline/index.ts";
import type { PublishStep } from "../../../publish/index.ts";
import type { Cli } from "../../verb.ts";

/** Answers a step as one line or as JSON shows it: without its content. */
function describeStep(step: PublishStep): Record<string, unknown> {
  if (step.kind === "put" || step.kind === "switch") {
    return { kind: step.kind, path: step.path, sizeBytes: step.content.byteLength };
  }
  return { ...step };
}

/** Prints what a release did, or the plan of one that is not carried out. */
export function reportRelease(
  result: ReleaseResult,
  args: { readonly json: boolean; readonly dryRun: boolean },
  cli: Cli,
): void {
  const { added, removed, unchanged, unsigned, plan } = result;
  const { generation, changed } = plan;
  for (const name of unsigned) {
    cli.context.logger.warn(`${name}: not signed; clients with gpgcheck=1 will not install it`);
  }
  if (args.json || args.dryRun) {
    const steps = args.dryRun ? { steps: plan.steps.map(describeStep) } : {};
    cli.printJson({ generation, changed, added, removed, unchanged, ...steps });
    return;
  }
  for (const name of added) cli.print(`added ${name}`);
  for (const name of removed) cli.print(`removed ${name}`);
  for (const name of unchanged) cli.print(`unchanged ${name}`);
  cli.context.logger.info(
    changed ? `generation ${generation} is published` : `generation ${generation} stays as it is`,
  );
}

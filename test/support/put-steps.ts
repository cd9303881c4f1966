import type { Effects } from "../../src/lib/journal/effects.ts";
import { defineStep, type StepKinds } from "../../src/lib/journal/journal.ts";

interface PutStep {
  readonly kind: "put";
  readonly file: string;
}

/** A kind of step that writes a file. */
export const putSteps: StepKinds<{ readonly effects: Effects }> = {
  put: defineStep<PutStep, { readonly effects: Effects }>("put", {
    describe: (step) => `write ${step.file}`,
    apply: (step, { effects }) => effects.writeFile(step.file, "put\n"),
    undo: (step, { effects }) => effects.remove(step.file),
  }),
};

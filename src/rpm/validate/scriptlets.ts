import type { FileTrigger, PackagePlan, PackageTrigger, Scriptlet } from "../../package/index.ts";
import { relationProblems } from "./relations.ts";
import { overlapProblems } from "./trigger-overlap.ts";
import { integerProblems, lineProblems, textProblems } from "./text.ts";

function scriptletProblems(what: string, scriptlet: Scriptlet): string[] {
  const [program = ""] = scriptlet.interpreter;
  return [
    ...(program.startsWith("/") || program === "<lua>"
      ? []
      : [`${what}: interpreter is "${program}", expected an absolute path or <lua>`]),
    ...scriptlet.interpreter.flatMap((word) => lineProblems(`${what}: interpreter`, word)),
    ...textProblems(`${what}: script`, scriptlet.body),
  ];
}

function triggerProblems(what: string, trigger: Scriptlet): string[] {
  return [
    ...scriptletProblems(what, trigger),
    ...(trigger.interpreter.length > 1
      ? [`${what}: rpm passes no arguments to the interpreter of a trigger`]
      : []),
  ];
}

function packageTriggerProblems(trigger: PackageTrigger, i: number): string[] {
  const what = `package trigger ${i + 1}`;
  return [
    ...triggerProblems(what, trigger),
    ...(trigger.packages.length === 0 ? [`${what}: has no package`] : []),
    ...trigger.packages
      .flatMap((relation) => relationProblems("trigger", relation))
      .map((problem) => `${what}: ${problem}`),
  ];
}

function fileTriggerProblems(trigger: FileTrigger, i: number): string[] {
  const what = `file trigger ${i + 1}`;
  return [
    ...triggerProblems(what, trigger),
    ...(trigger.paths.length === 0 ? [`${what}: has no path`] : []),
    ...trigger.paths.flatMap((path) => lineProblems(`${what}: path`, path)),
    ...trigger.paths
      .filter((path) => !path.startsWith("/") || /[\s,]/.test(path))
      .map((path) => `${what}: path is "${path}", expected an absolute one without spaces, commas`),
    ...integerProblems(`${what}: priority`, trigger.priority),
  ];
}

/** Returns the problems of scriptlets and triggers. */
export function scriptletsProblems(plan: PackagePlan): string[] {
  return [
    ...Object.entries(plan.scriptlets).flatMap(([slot, scriptlet]) =>
      scriptletProblems(`scriptlet ${slot}`, scriptlet),
    ),
    ...plan.packageTriggers.flatMap(packageTriggerProblems),
    ...overlapProblems(plan.packageTriggers),
    ...plan.fileTriggers.flatMap(fileTriggerProblems),
  ];
}

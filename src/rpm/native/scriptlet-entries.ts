import type { PackagePlan, Scriptlet, ScriptletSlot } from "../../package/index.ts";
import { sense } from "../format/flags.ts";
import type { HeaderEntry } from "../format/header.ts";
import { mainEntry } from "../format/make-entry.ts";
import type { TagName } from "../format/tags.ts";
import type { Dependency } from "./dependencies.ts";

interface SlotTags {
  readonly slot: ScriptletSlot;
  readonly body: TagName<"main">;
  readonly program: TagName<"main">;
  /** Qualifies the requirement of the program. */
  readonly sense: number;
}

const slots: readonly SlotTags[] = [
  { slot: "pretrans", body: "PRETRANS", program: "PRETRANSPROG", sense: sense.PRETRANS },
  { slot: "pre", body: "PREIN", program: "PREINPROG", sense: sense.SCRIPT_PRE },
  { slot: "post", body: "POSTIN", program: "POSTINPROG", sense: sense.SCRIPT_POST },
  { slot: "preun", body: "PREUN", program: "PREUNPROG", sense: sense.SCRIPT_PREUN },
  { slot: "postun", body: "POSTUN", program: "POSTUNPROG", sense: sense.SCRIPT_POSTUN },
  { slot: "posttrans", body: "POSTTRANS", program: "POSTTRANSPROG", sense: sense.POSTTRANS },
  {
    slot: "verify",
    body: "VERIFYSCRIPT",
    program: "VERIFYSCRIPTPROG",
    sense: sense.SCRIPT_VERIFY,
  },
];

function plannedSlots(plan: PackagePlan): (readonly [SlotTags, Scriptlet])[] {
  return slots.flatMap((tags) => {
    const scriptlet = plan.scriptlets[tags.slot];
    return scriptlet === undefined ? [] : [[tags, scriptlet] as const];
  });
}

/** Returns a script as rpmbuild stores it, without white space at its end. */
export function scriptBody(scriptlet: Scriptlet): string {
  return scriptlet.body.trimEnd();
}

/** Returns the requirement of the program of a scriptlet; Lua is built into rpm. */
export function interpreterDependency(scriptlet: Scriptlet, slotSense: number): Dependency[] {
  const [program = ""] = scriptlet.interpreter;
  if (program.startsWith("<")) return [];
  return [{ name: program, flags: slotSense | sense.INTERP, version: "" }];
}

/** Returns the requirements of a package's scriptlets. */
export function scriptletDependencies(plan: PackagePlan): Dependency[] {
  return plannedSlots(plan).flatMap(([tags, scriptlet]) =>
    interpreterDependency(scriptlet, tags.sense),
  );
}

/** Returns the tags of the scriptlets of a package. */
export function scriptletEntries(plan: PackagePlan): HeaderEntry[] {
  return plannedSlots(plan).flatMap(([tags, scriptlet]) => {
    const [program = "", ...rest] = scriptlet.interpreter;
    const body = scriptBody(scriptlet);
    return [
      ...(body === "" ? [] : [mainEntry.text(tags.body, body)]),
      rest.length === 0
        ? mainEntry.text(tags.program, program)
        : mainEntry.texts(tags.program, scriptlet.interpreter),
    ];
  });
}

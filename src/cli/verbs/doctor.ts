import { diagnose, diagnoseAndRepair } from "../../host/index.ts";
import type { Finding } from "../../host/index.ts";
import { escapeControls } from "../../errors.ts";
import { openHostOf } from "../open-host.ts";
import { defineVerb } from "../verb.ts";
import type { Verb } from "../verb.ts";
import { descriptions } from "../verb-descriptions.ts";

function linesOf(finding: Finding): readonly string[] {
  const { severity, subject, what, todo, code } = finding;
  return [`${severity}: ${subject} ${what} [${code}]`, `  ${todo}`].map(escapeControls);
}

/** `doctor`: everything on this host that is not as it should be. */
export const verb: Verb = defineVerb({
  command: "doctor",
  describe: descriptions.doctor,
  options: (yargs) =>
    yargs
      .option("fix", {
        type: "boolean",
        default: false,
        describe:
          "recover what was interrupted, protect bases, reconcile, have records follow, remove leftovers",
      })
      .option("verify", {
        type: "boolean",
        default: false,
        describe: "read every base, not only those that look changed",
      })
      .option("remove", {
        type: "string",
        array: true,
        nargs: 1,
        implies: "fix",
        describe: "file of a VM that is gone: remove it too, though it may hold data",
      })
      .option("connect", { type: "string", describe: "libvirt connection URI" })
      .example("$0 doctor --verify", "compare every base with its digest"),
  run: async (args, cli) => {
    const host = await openHostOf(cli, { connect: args.connect, changes: true });
    const hash = args.verify ? "always" : "changed";
    const wish = { hash, remove: args.remove ?? [] } as const;
    const { findings, versions, repaired } = args.fix
      ? await diagnoseAndRepair(host, wish)
      : { ...(await diagnose(host, wish)), repaired: [] };
    if (args.json) cli.printJson({ findings, repaired, versions });
    else {
      for (const { subject, what } of repaired)
        cli.context.logger.info(`repaired: ${subject} ${what}`);
      for (const finding of findings) for (const line of linesOf(finding)) cli.print(line);
    }
    const faults = findings.filter(({ severity }) => severity !== "note");
    if (faults.length > 0) cli.setExitCode(1);
    else cli.context.logger.info("everything is in order");
  },
});

import { escapeControls } from "../../../errors.ts";
import { listRepository } from "../../../pipeline/index.ts";
import { formatBytes } from "../../progress-bar.ts";
import { defineVerb } from "../../verb.ts";
import type { Verb } from "../../verb.ts";

/** `repo list DIR`: one line for each package. */
export const listVerb: Verb = defineVerb({
  command: "list <dir>",
  describe: "list the packages that clients see",
  options: (yargs) =>
    yargs.positional("dir", { type: "string", demandOption: true, describe: "the repository" }),
  run: async (args, cli) => {
    const { name, baseUrl, key, generation, revision, packages } = await listRepository(args.dir);
    if (args.json) {
      cli.printJson({
        name,
        baseUrl,
        key: key ?? null,
        generation,
        revision,
        packages: packages.map((one) => ({
          name: one.name,
          epoch: one.epoch,
          version: one.version,
          release: one.release,
          arch: one.arch,
          summary: one.summary,
          sizeBytes: one.sizeBytes,
          sha256: one.pkgid,
          buildTime: new Date(one.buildTimeSeconds * 1000).toISOString(),
          location: one.location,
        })),
      });
      return;
    }
    for (const one of packages) {
      const epoch = one.epoch === 0 ? "" : `${one.epoch}:`;
      const nevra = `${one.name}-${epoch}${one.version}-${one.release}.${one.arch}`;
      cli.print(`${nevra}\t${formatBytes(one.sizeBytes)}\t${escapeControls(one.summary)}`);
    }
  },
});

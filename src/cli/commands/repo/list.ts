import { escapeControls } from "../../../errors.ts";
import { listRepository, repairRepository } from "../../../repository/index.ts";
import { formatSize } from "../../../lib/format-size.ts";
import { renderColumns } from "../../terminal/render-columns.ts";
import { defineCommand, type Command } from "../../command.ts";
import { repositoryArgument } from "../../options/shared-options.ts";

/** `repo list DIR`: prints one line for each package. */
export const command: Command = defineCommand({
  positionals: { dir: repositoryArgument },
  run: async (args, cli) => {
    await repairRepository(args.dir, cli.context);
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
    const rows = packages.map((one) => {
      const epoch = one.epoch === 0 ? "" : `${one.epoch}:`;
      const nevra = `${one.name}-${epoch}${one.version}-${one.release}.${one.arch}`;
      return [nevra, formatSize(one.sizeBytes), escapeControls(one.summary)];
    });
    if (rows.length === 0) return cli.context.logger.info("the repository has no packages");
    for (const line of renderColumns([["PACKAGE", "SIZE", "SUMMARY"], ...rows])) cli.print(line);
  },
});

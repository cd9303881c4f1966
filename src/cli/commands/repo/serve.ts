import { once } from "node:events";
import { ApplianceError, escapeControls } from "../../../errors.ts";
import { readRepository, repairRepository } from "../../../repository/index.ts";
import { serveRepository } from "../../../serve/index.ts";
import { defineCommand, type Command } from "../../command.ts";
import { repositoryArgument } from "../../options/shared-options.ts";

/** `repo serve DIR --port N`: serves a repository until it is interrupted. Logs requests on standard error. */
export const command: Command = defineCommand({
  runsUntilInterrupted: true,
  positionals: { dir: repositoryArgument },
  options: {
    port: {
      type: "number",
      default: 8080,
      describe: "port to listen on; 0 for any free port",
    },
    host: { type: "string", default: "127.0.0.1", describe: "address to listen on" },
  },
  run: async (args, cli) => {
    const { port, host } = args;
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new ApplianceError("CLI_USAGE", `--port: ${port}, expected 0 to 65535`);
    }
    const { signal, logger } = cli.context;
    const { name, baseUrl } = await readRepository(args.dir);
    await repairRepository(args.dir, cli.context);
    await using server = await serveRepository(args.dir, {
      host,
      port,
      baseUrl,
      onRequest: ({ method, path, status, bytes, range }) =>
        logger.info(escapeControls(`${method} ${path} ${status} ${bytes} ${range ?? "-"}`)),
    });
    if (args.json) cli.printJson({ url: server.url, repoFile: `${server.url}/${name}.repo` });
    else cli.print(server.url);
    if (!signal.aborted) await once(signal, "abort");
  },
});

import { realpath } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { ApplianceError } from "../errors.ts";
import { answer, respond, type Site } from "./respond.ts";

/** Options of {@link serveRepository}. */
export interface ServeOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** The URL in the stored pointer files; responses contain the server's own URL instead. */
  readonly baseUrl: string;
  readonly onRequest: (line: RequestLine) => void;
}

/** One answered request. */
export interface RequestLine {
  readonly method: string;
  /** As requested. */
  readonly path: string;
  readonly status: number;
  /** Content-Length of the body; 0 if none was sent. */
  readonly bytes: number;
  /** The requested range, or undefined. */
  readonly range: string | undefined;
}

/** A running server. */
export interface RepositoryServer extends AsyncDisposable {
  /** URL of the repository's root, without a trailing slash. */
  readonly url: string;
}

/** Time that open connections have to finish when the server stops. */
const DRAIN_MS = 1000;

function makeServer(site: Site, onRequest: ServeOptions["onRequest"]): Server {
  return createServer((request, response) => {
    const { range } = request.headers;
    response.once("close", () => {
      const announced = Number(response.getHeader("content-length") ?? 0);
      const empty = request.method === "HEAD" || response.statusCode === 304;
      onRequest({
        method: request.method ?? "",
        path: request.url ?? "",
        status: response.statusCode,
        bytes: empty ? 0 : announced,
        range,
      });
    });
    respond(request, response, site).catch(() => {
      if (response.headersSent) response.destroy();
      else answer(response, 500, "internal error\n");
    });
  });
}

async function listen(server: Server, { host, port }: ServeOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      const fact = "code" in cause && cause.code === "EADDRINUSE" ? "is in use" : cause.message;
      const subject = `${host}:${port}`;
      reject(
        new ApplianceError("LIB_IO", `${subject}: ${fact}`, {
          cause,
          hint: "choose another --port",
        }),
      );
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("server has no port");
  return address.port;
}

/**
 * Serves a repository over HTTP, with ranges and conditional requests, and returns the running server.
 * Files are served as stored, except mirrorlist and .repo files, which contain the URL that the client used.
 * Hidden files are not served, no path leads out of the folder, and folders are not listed.
 *
 * @throws ApplianceError `LIB_IO` when the server cannot listen on the port
 */
export async function serveRepository(
  folder: string,
  options: ServeOptions,
): Promise<RepositoryServer> {
  let url = "";
  const server = makeServer(
    { root: await realpath(folder), baseUrl: options.baseUrl, url: () => url },
    options.onRequest,
  );
  const port = await listen(server, options);
  url = `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`;
  return {
    url,
    async [Symbol.asyncDispose](): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

import { realpath, stat } from "node:fs/promises";
import { createServer, STATUS_CODES } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import path from "node:path";
import send from "send";
import { ApplianceError } from "../errors.ts";
import { readPlainText } from "../lib/plain-file.ts";

/** What is served, and where. */
export interface ServeOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** The address that stored pointer files name; they are answered with the server's own instead. */
  readonly baseUrl: string;
  readonly onRequest: (line: RequestLine) => void;
}

/** One answered request. */
export interface RequestLine {
  readonly method: string;
  /** As it was asked for. */
  readonly path: string;
  readonly status: number;
  /** Of the body, as it was announced. */
  readonly bytes: number;
  /** The range that was asked for, or undefined. */
  readonly range: string | undefined;
}

/** A running server. */
export interface RepositoryServer extends AsyncDisposable {
  /** Address of the repository's root, without a final slash. */
  readonly url: string;
}

const YEAR_MS = 365 * 24 * 3600 * 1000;
/** How long connections may go on when the server ends. */
const DRAIN_MS = 1000;

/** Names of their own never get another content: whoever has them need not ask again. */
function neverChanges(name: string): boolean {
  return /^\/(?:generations|packages)\/|^\/repodata\/[0-9a-f]{64}-/.test(name);
}

/** Files that tell clients where to go on, and so have to name the address that they came to. */
function isPointer(name: string): boolean {
  return name === "/mirrorlist" || /^\/[^/.][^/]*\.repo$/.test(name);
}

/** Answers the address that the client used, so that a server on any network interface names the right one. */
function originOf(request: IncomingMessage, fallback: string): string {
  const { host } = request.headers;
  return host !== undefined &&
    /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-fA-F:.]+\](:\d{1,5})?$/.test(host)
    ? `http://${host}`
    : fallback;
}

function answer(response: ServerResponse, status: number, text: string): void {
  const body = Buffer.from(text);
  response.statusCode = status;
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.setHeader("Content-Length", body.length);
  response.setHeader("Cache-Control", "no-cache");
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.end(response.req.method === "HEAD" ? undefined : body);
}

/** The decoded path without query, or undefined when it is malformed or names what is not for clients. */
function servedName(url: string): string | undefined {
  try {
    const name = decodeURIComponent(url.split("?")[0] ?? "");
    const hidden = name.split("/").some((part) => part.startsWith("."));
    return name.startsWith("/") && !hidden && !name.includes("\0") ? name : undefined;
  } catch {
    return undefined;
  }
}

/** Answers the plain file that a name leads to: no symbolic link leads out, no FIFO is waited for. */
async function findFile(root: string, name: string): Promise<string | undefined> {
  try {
    const file = await realpath(path.join(root, name));
    const isServed = file.startsWith(`${root}${path.sep}`) && (await stat(file)).isFile();
    return isServed ? file : undefined;
  } catch {
    return undefined;
  }
}

interface Site {
  readonly root: string;
  readonly options: ServeOptions;
  readonly url: () => string;
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  site: Site,
): Promise<void> {
  const { root, options } = site;
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    answer(response, 405, "method not allowed\n");
    return;
  }
  const name = servedName(request.url ?? "");
  const file = name === undefined ? undefined : await findFile(root, name);
  if (name === undefined || file === undefined) {
    answer(response, 404, "not found\n");
    return;
  }
  if (isPointer(name)) {
    const text = await readPlainText(file);
    answer(response, 200, text.replaceAll(options.baseUrl, originOf(request, site.url())));
    return;
  }
  const immutable = neverChanges(name);
  await new Promise<void>((resolve) => {
    response.once("close", resolve);
    send(request, (request.url ?? "").split("?")[0] ?? "", {
      root,
      dotfiles: "ignore",
      index: false,
      immutable,
      maxAge: immutable ? YEAR_MS : 0,
    })
      .on("error", (error: { readonly status?: number }) => {
        const status = error.status ?? 500;
        answer(response, status, `${(STATUS_CODES[status] ?? "error").toLowerCase()}\n`);
      })
      .pipe(response);
  });
}

function makeServer(site: Site): Server {
  return createServer((request, response) => {
    response.once("close", () => {
      const announced = Number(response.getHeader("content-length") ?? 0);
      const empty = request.method === "HEAD" || response.statusCode === 304;
      site.options.onRequest({
        method: request.method ?? "",
        path: request.url ?? "",
        status: response.statusCode,
        bytes: empty ? 0 : announced,
        range: request.headers.range,
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
 * Serves a repository over HTTP, with ranges and conditional requests, and answers the running server.
 * Everything is answered as stored, but for mirrorlist and .repo files, which name the address that the client used.
 * Hidden files are not there, no path leads out of the folder, and nothing is listed.
 *
 * @throws ApplianceError `LIB_IO` when the port cannot be had
 */
export async function serveRepository(
  folder: string,
  options: ServeOptions,
): Promise<RepositoryServer> {
  let url = "";
  const server = makeServer({ root: await realpath(folder), options, url: () => url });
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

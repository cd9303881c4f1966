import { realpath, stat } from "node:fs/promises";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import path from "node:path";
import send from "send";
import { ApplianceError } from "../errors.ts";
import { readPlainText } from "../lib/plain-file.ts";
import { normalizeRange } from "./range-header.ts";

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
  return name === "/mirrorlist" || /^\/[^/]+\.repo$/.test(name);
}

/** Returns the address that the client used, so that a server on any network interface names the right one. */
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

/** True if a part of the path begins with a dot: such names are not for clients. */
function isHidden(name: string): boolean {
  return name.split("/").some((part) => part.startsWith("."));
}

/** The decoded path without query, or undefined when it is malformed or names what is not for clients. */
function requestedName(url: string): string | undefined {
  try {
    const name = decodeURIComponent(url.split("?")[0] ?? "");
    return name.startsWith("/") && !isHidden(name) && !name.includes("\0") ? name : undefined;
  } catch {
    return undefined;
  }
}

/** A plain file of the repository. */
interface ServedFile {
  /** Path below the root, with a slash in front, without any link. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * Finds the plain file that a name leads to. Every rule is applied to the place that links lead to: none leads out of
 * the repository or to a hidden file, and no FIFO is waited for.
 */
async function findFile(root: string, requested: string): Promise<ServedFile | undefined> {
  try {
    const file = await realpath(path.join(root, requested));
    if (!file.startsWith(`${root}${path.sep}`)) return undefined;
    const name = file.slice(root.length);
    const stats = await stat(file);
    return isHidden(name) || !stats.isFile()
      ? undefined
      : { name, path: file, sizeBytes: stats.size };
  } catch {
    return undefined;
  }
}

/** Sets the Range header to what is to be sent. Ranges are defined for GET only. */
function prepareRange(request: IncomingMessage, file: ServedFile): void {
  const { range } = request.headers;
  const wanted =
    range === undefined || request.method !== "GET"
      ? undefined
      : normalizeRange(range, file.sizeBytes);
  if (wanted === undefined) delete request.headers.range;
  else request.headers.range = wanted;
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
  const requested = requestedName(request.url ?? "");
  const file = requested === undefined ? undefined : await findFile(root, requested);
  if (file === undefined) {
    answer(response, 404, "not found\n");
    return;
  }
  if (isPointer(file.name)) {
    const text = await readPlainText(file.path);
    answer(response, 200, text.replaceAll(options.baseUrl, originOf(request, site.url())));
    return;
  }
  const immutable = neverChanges(file.name);
  prepareRange(request, file);
  await new Promise<void>((resolve) => {
    response.once("close", resolve);
    send(request, file.name.split("/").map(encodeURIComponent).join("/"), {
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
    const { range } = request.headers;
    response.once("close", () => {
      const announced = Number(response.getHeader("content-length") ?? 0);
      const empty = request.method === "HEAD" || response.statusCode === 304;
      site.options.onRequest({
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

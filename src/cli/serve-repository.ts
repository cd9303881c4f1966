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

const YEAR_MS = 365 * 24 * 3600 * 1000;
/** Time that open connections have to finish when the server stops. */
const DRAIN_MS = 1000;

/** True for files whose content never changes under their name, so clients need not revalidate them. */
function neverChanges(name: string): boolean {
  return /^\/(?:generations|packages)\/|^\/repodata\/[0-9a-f]{64}-/.test(name);
}

/** True for pointer files. They contain the repository's URL, so it must be the one that the client used. */
function isPointer(name: string): boolean {
  return name === "/mirrorlist" || /^\/[^/]+\.repo$/.test(name);
}

/** Returns the origin that the client used, because the server may listen on several network interfaces. */
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

/** True if a component of the path starts with a dot; such files are not served. */
function isHidden(name: string): boolean {
  return name.split("/").some((part) => part.startsWith("."));
}

/** Returns the decoded path without its query; undefined if it is malformed or hidden. */
function requestedName(url: string): string | undefined {
  try {
    const name = decodeURIComponent(url.split("?")[0] ?? "");
    return name.startsWith("/") && !isHidden(name) && !name.includes("\0") ? name : undefined;
  } catch {
    return undefined;
  }
}

/** A regular file of the repository. */
interface ServedFile {
  /** Path below the root, with a leading slash and all symbolic links resolved. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * Finds the regular file of a requested path. Every rule is applied after symbolic links are resolved, so no link leads
 * out of the repository or to a hidden file. Only regular files are opened, so no request blocks on a FIFO.
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

/** Normalizes the Range header for `send`. Ranges are defined for GET only. */
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

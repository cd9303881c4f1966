import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import send from "send";
import { readPlainText } from "../lib/plain-file.ts";
import { normalizeRange } from "./range-header.ts";
import {
  findFile,
  isPointer,
  neverChanges,
  requestedName,
  type ServedFile,
} from "./served-file.ts";

const YEAR_MS = 365 * 24 * 3600 * 1000;

/** A repository as the server presents it. */
export interface Site {
  /** Folder of the repository, without symbolic links. */
  readonly root: string;
  /** The URL in the stored pointer files; responses contain the server's own URL instead. */
  readonly baseUrl: string;
  /** Returns the URL of the server. */
  readonly url: () => string;
}

/** Returns the origin that the client used, because the server may listen on several network interfaces. */
function originOf(request: IncomingMessage, fallback: string): string {
  const { host } = request.headers;
  return host !== undefined &&
    /^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-fA-F:.]+\](:\d{1,5})?$/.test(host)
    ? `http://${host}`
    : fallback;
}

/** Responds with a short text. */
export function answer(response: ServerResponse, status: number, text: string): void {
  const body = Buffer.from(text);
  response.statusCode = status;
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.setHeader("Content-Length", body.length);
  response.setHeader("Cache-Control", "no-cache");
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.end(response.req.method === "HEAD" ? undefined : body);
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

/** Responds to a request with a file of the repository. */
export async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  site: Site,
): Promise<void> {
  const { root, baseUrl } = site;
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
    answer(response, 200, text.replaceAll(baseUrl, originOf(request, site.url())));
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

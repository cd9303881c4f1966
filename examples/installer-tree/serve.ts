import { once } from "node:events";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import path from "node:path";
import { pipeline } from "node:stream/promises";

/** Where a guest on QEMU's user network sees the loopback of its host. */
const HOST_SEEN_BY_GUEST = "10.0.2.2";

/** A tree that is served over HTTP until it is disposed of. */
export interface TreeServer extends AsyncDisposable {
  /** As virt-install on this machine sees it. */
  readonly url: string;
  /** As a guest on QEMU's user network sees it. */
  readonly guestUrl: string;
}

/** Serves an installer tree on the loopback. */
export async function serveInstallerTree(folder: string): Promise<TreeServer> {
  const server = createServer((request, response) => {
    answer(folder, request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    guestUrl: `http://${HOST_SEEN_BY_GUEST}:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function answer(
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const name = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
  const file = path.join(folder, path.posix.normalize(name));
  const facts = await stat(file).catch(() => undefined);
  if (facts?.isFile() !== true || !["GET", "HEAD"].includes(request.method ?? "")) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "content-length": facts.size });
  if (request.method === "HEAD") response.end();
  else await pipeline(createReadStream(file), response);
}

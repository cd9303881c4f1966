import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that answers 404 to all but what it is given. */
export async function serveOnly(
  found: readonly string[],
): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    response.statusCode = found.includes(request.url ?? "") ? 200 : 404;
    response.end("text");
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/tree`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

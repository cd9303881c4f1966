import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { VirtAppliance } from "./program.ts";

const TRIES = 100;
const BETWEEN_TRIES_MS = 100;

/** Returns a port of the loopback that nothing listens on. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new TypeError("no port");
  return address.port;
}

/** Serves a repository with `repo serve` until it is disposed of. */
export async function serveRepository(
  options: { readonly folder: string; readonly port: number },
  virtAppliance: VirtAppliance,
): Promise<AsyncDisposable> {
  const controller = new AbortController();
  const args = ["--quiet", "repo", "serve", options.folder, "--port", String(options.port)];
  const serving = virtAppliance(args, { signal: controller.signal });
  // Read when it ends too early. The end that `dispose` causes is no failure.
  const ended = serving.then(
    () => undefined,
    () => undefined,
  );
  const close = async (): Promise<void> => {
    controller.abort();
    await ended;
  };
  try {
    await Promise.race([untilAnswered(options.port, controller.signal), serving]);
  } catch (error) {
    await close();
    throw error;
  }
  return { [Symbol.asyncDispose]: close };
}

async function untilAnswered(port: number, signal: AbortSignal): Promise<void> {
  const url = `http://127.0.0.1:${port}/repodata/repomd.xml`;
  for (let tries = 0; !signal.aborted; tries += 1) {
    if (await answers(url)) return;
    if (tries === TRIES) throw new Error(`repo serve: no answer at ${url}`);
    await sleep(BETWEEN_TRIES_MS);
  }
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => undefined);
  await response?.arrayBuffer();
  return response?.ok === true;
}

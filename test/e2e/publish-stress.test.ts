import assert from "node:assert/strict";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { serveRepository } from "../../src/serve/index.ts";
import { checkRepository, initRepository, releaseRepo } from "../../src/repository/index.ts";
import { testContext } from "../support/context.ts";
import { openDnf, outputOf } from "../support/package-clients.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { openSmallRpms } from "../fixtures/small-rpm.ts";

const BASE_URL = "http://repository.example.com/appliances";
const DURATION_MS = 20_000;
const PUBLISHES = 64;

describe("publishing without a pause", () => {
  it("never fails a client: two of them refresh and download with all checks on", async () => {
    const context = testContext({ now: () => new Date() });
    await using rpms = await openSmallRpms();
    const { signer } = await testKey();
    const repository = path.join(rpms.folder, "repository");
    const retention = { graceSeconds: 5, generations: 3 };
    const packages = [await rpms.make("steady")];
    const settings = { name: "demo", baseUrl: BASE_URL, signer, packages, retention };
    await initRepository(repository, settings, context);
    const coming = [await rpms.make("coming"), await rpms.make("coming", { version: "2" })];
    const misses: string[] = [];
    await using server = await serveRepository(repository, {
      host: "127.0.0.1",
      port: 0,
      baseUrl: BASE_URL,
      onRequest: ({ method, path: name, status }) => {
        if (status >= 400) misses.push(`${method} ${name} ${status}`);
      },
    });
    const repoFile = await (await fetch(`${server.url}/demo.repo`)).text();

    const end = performance.now() + DURATION_MS;
    let publishes = 0;
    const publish = async (): Promise<void> => {
      while (performance.now() < end || publishes < PUBLISHES) {
        const request =
          publishes % 2 === 0
            ? { add: [coming[(publishes / 2) % 2] ?? ""] }
            : { remove: [`coming-${(((publishes - 1) / 2) % 2) + 1}-1`] };
        await releaseRepo(repository, request, { signer }, context);
        publishes += 1;
      }
    };
    const refreshes = [0, 0];
    const failures: string[] = [];
    const client = async (index: number): Promise<void> => {
      const dnf = await openDnf(path.join(rpms.folder, `client-${index}`), repoFile);
      while (performance.now() < end) {
        const refresh = await dnf.run("--refresh", "makecache");
        if (refresh.exitCode !== 0) failures.push(outputOf(refresh));
        const download = await dnf.run("install", "--downloadonly", "steady");
        if (download.exitCode !== 0) failures.push(outputOf(download));
        await rm(path.join(dnf.root, "cache", "packages"), { recursive: true, force: true });
        refreshes[index] = (refreshes[index] ?? 0) + 1;
      }
    };
    await Promise.all([publish(), client(0), client(1)]);

    assert.deepEqual(failures, []);
    assert.deepEqual(misses, []);
    assert.ok(publishes >= PUBLISHES, `${publishes} publishes`);
    assert.ok(
      refreshes.every((count) => count >= 5),
      `refreshes: ${refreshes.join()}`,
    );
    const { problems } = await checkRepository(repository, context);
    assert.deepEqual(problems, []);
    const kept = await readdir(path.join(repository, "generations"));
    assert.ok(kept.length < publishes, "old generations are removed in time");
  });
});

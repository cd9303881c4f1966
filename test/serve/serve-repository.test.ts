import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import path from "node:path";
import { type RepositoryServer, type RequestLine, serveRepository } from "../../src/serve/index.ts";
import { runTool } from "../fixtures/appliance-folder.ts";
import { temporaryFolder } from "../support/temporary.ts";

const BASE_URL = "https://example.com/appliances";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Asks with exactly this path: fetch would tidy it up. */
function ask(
  server: RepositoryServer,
  target: string,
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const asked = request(
      { hostname, port, path: target, agent: false, ...options },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (body += chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      },
    );
    asked.on("error", reject);
    asked.end();
  });
}

describe("serveRepository", () => {
  const parent = temporaryFolder();
  let server: RepositoryServer;
  let lines: RequestLine[];

  before(async () => {
    const root = path.join(parent, "root");
    await mkdir(path.join(root, ".virt-appliance"), { recursive: true });
    await mkdir(path.join(root, "packages", ".hidden"), { recursive: true });
    await mkdir(path.join(root, "repodata"));
    await writeFile(path.join(parent, "secret"), "secret");
    await writeFile(path.join(root, ".virt-appliance", "lock"), "secret");
    await writeFile(path.join(root, "packages", ".hidden", "x"), "secret");
    await writeFile(path.join(root, "packages", "x-1~2^3-1.noarch.rpm"), "0123456789");
    await writeFile(path.join(root, "repodata", "repomd.xml"), "<repomd/>");
    await writeFile(path.join(root, "mirrorlist"), `${BASE_URL}/generations/1-x/\n`);
    await writeFile(path.join(root, "demo.repo"), `mirrorlist=${BASE_URL}/mirrorlist\n`);
    await symlink("../../secret", path.join(root, "packages", "way-out"));
    await writeFile(path.join(root, ".virt-appliance", "hidden.repo"), "secret");
    await writeFile(path.join(root, "empty"), "");
    for (const name of ["link", "link.repo"]) {
      await symlink("../.virt-appliance/hidden.repo", path.join(root, "packages", name));
    }
    await symlink(".virt-appliance/hidden.repo", path.join(root, "link.repo"));
    await symlink(".virt-appliance", path.join(root, "private"));
    await symlink("packages/.hidden", path.join(root, "shown"));
    await symlink("../packages", path.join(root, "repodata", "packages"));
    await runTool("mkfifo", path.join(root, "packages", "fifo"), path.join(root, "fifo.repo"));
    lines = [];
    server = await serveRepository(root, {
      host: "127.0.0.1",
      port: 0,
      baseUrl: BASE_URL,
      onRequest: (line) => lines.push(line),
    });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  it("serves pointer files with the address that the client used", async () => {
    assert.equal((await ask(server, "/mirrorlist")).body, `${server.url}/generations/1-x/\n`);
    const named = await ask(server, "/demo.repo", { headers: { Host: "repo.example.org:81" } });
    assert.equal(named.body, "mirrorlist=http://repo.example.org:81/mirrorlist\n");
    assert.equal(named.headers["cache-control"], "no-cache");
  });

  it("does not repeat a Host header that is no host", async () => {
    for (const host of ["a b", "x/y", "$(x)", "x\u00e4"]) {
      const { body } = await ask(server, "/mirrorlist", { headers: { Host: host } });
      assert.equal(body, `${server.url}/generations/1-x/\n`);
    }
  });

  it("serves ranges and conditional requests", async () => {
    const name = "/packages/x-1~2^3-1.noarch.rpm";
    const whole = await ask(server, name);
    assert.equal(whole.body, "0123456789");
    assert.match(String(whole.headers["cache-control"]), /immutable/);
    const part = await ask(server, name, { headers: { Range: "bytes=2-4" } });
    assert.deepEqual([part.status, part.body], [206, "234"]);
    assert.equal(part.headers["content-range"], "bytes 2-4/10");
    const beyond = await ask(server, name, { headers: { Range: "bytes=20-" } });
    assert.deepEqual([beyond.status, beyond.body], [416, "range not satisfiable\n"]);
    const etag = String(whole.headers["etag"]);
    const same = await ask(server, name, { headers: { "If-None-Match": etag } });
    assert.deepEqual([same.status, same.body], [304, ""]);
    const escaped = await ask(server, "/packages/x-1%7E2%5e3-1.noarch.rpm?query");
    assert.equal(escaped.status, 200);
  });

  const whole = [200, "0123456789", undefined] as const;
  const parts: readonly (readonly [string, readonly [number, string, string | undefined]])[] = [
    ["bytes=0-0", [206, "0", "bytes 0-0/10"]],
    ["bytes=2-4", [206, "234", "bytes 2-4/10"]],
    ["bytes=7-", [206, "789", "bytes 7-9/10"]],
    ["bytes=7-700", [206, "789", "bytes 7-9/10"]],
    ["bytes=-3", [206, "789", "bytes 7-9/10"]],
    ["bytes=-10", [206, "0123456789", "bytes 0-9/10"]],
    ["bytes=-11", [206, "0123456789", "bytes 0-9/10"]],
    ["bytes=-99999999999999999999999", [206, "0123456789", "bytes 0-9/10"]],
    ["bytes=-0", [416, "range not satisfiable\n", "bytes */10"]],
    ["bytes=10-", [416, "range not satisfiable\n", "bytes */10"]],
    ["bytes=10-20,-0", [416, "range not satisfiable\n", "bytes */10"]],
    ["bytes=20-,2-3", [206, "23", "bytes 2-3/10"]],
    ["Bytes=2-4", [206, "234", "bytes 2-4/10"]],
    ["bytes=, 2-4 ,", [206, "234", "bytes 2-4/10"]],
    ["bytes=2-3,4-5", [206, "2345", "bytes 2-5/10"]],
    ["bytes=8-9,-500", [206, "0123456789", "bytes 0-9/10"]],
    ["bytes=0-1,5-6", whole],
    ["lines=2-4", whole],
    ["bytes=", whole],
    ["bytes=-", whole],
    ["bytes=a-b", whole],
    ["bytes=1-2x", whole],
    ["bytes=--3", whole],
    ["bytes", whole],
    ["bytes =2-4", whole],
    ["bytes=5-2", whole],
    ["bytes=2-3,5-2", whole],
    ["bytes=20-19", whole],
    ["bytes=90071992547409930-90071992547409929", whole],
    ["bytes=90071992547409929-90071992547409930", [416, "range not satisfiable\n", "bytes */10"]],
    ["bytes=2-4, bytes=5-6", whole],
  ];
  for (const [range, [status, body, contentRange]] of parts) {
    it(`answers Range: ${range} with ${status}`, async () => {
      const answer = await ask(server, "/packages/x-1~2^3-1.noarch.rpm", {
        headers: { Range: range },
      });
      assert.deepEqual(
        [answer.status, answer.body, answer.headers["content-range"]],
        [status, body, contentRange],
      );
    });
  }

  it("ignores ranges of an empty file and of HEAD", async () => {
    const empty = await ask(server, "/empty", { headers: { Range: "bytes=-5" } });
    assert.deepEqual([empty.status, empty.body], [200, ""]);
    const head = await ask(server, "/packages/x-1~2^3-1.noarch.rpm", {
      method: "HEAD",
      headers: { Range: "bytes=2-4" },
    });
    assert.deepEqual([head.status, head.headers["content-length"]], [200, "10"]);
  });

  it("follows links inside the repository", async () => {
    const { status, body, headers } = await ask(server, "/repodata/packages/x-1~2^3-1.noarch.rpm");
    assert.deepEqual([status, body], [200, "0123456789"]);
    assert.match(String(headers["cache-control"]), /immutable/);
  });

  it("forbids caches to keep files that change", async () => {
    const { headers } = await ask(server, "/repodata/repomd.xml");
    assert.equal(headers["cache-control"], "public, max-age=0");
  });

  it("has nothing but what is for clients", async () => {
    for (const target of [
      "/",
      "/packages",
      "/packages/",
      "/missing",
      "/../secret",
      "/packages/../../secret",
      "/%2e%2e/secret",
      "/packages/..%2f..%2fsecret",
      "/packages%5c..%5c..%5csecret",
      "/.virt-appliance/lock",
      "/packages/..%2f.virt-appliance/lock",
      "/packages/.hidden/x",
      "/packages/way-out",
      "/packages/link",
      "/packages/link.repo",
      "/link.repo",
      "/private/lock",
      "/private/hidden.repo",
      "/shown/x",
      "/packages/fifo",
      "/fifo.repo",
      "/mirrorlist%00",
      "/%zz",
      "//etc/passwd",
      "*",
    ]) {
      const { status, body } = await ask(server, target);
      assert.ok(status >= 400 && status < 500, `${target}: ${status}`);
      assert.ok(!body.includes("secret") && !body.includes("root:"), target);
    }
  });

  it("can only be read", async () => {
    for (const method of ["PUT", "POST", "DELETE", "PROPFIND"]) {
      assert.equal((await ask(server, "/mirrorlist", { method })).status, 405);
    }
    const head = await ask(server, "/mirrorlist", { method: "HEAD" });
    assert.deepEqual([head.status, head.body], [200, ""]);
  });

  it("logs each request: method, path, status, bytes and range", async () => {
    lines.length = 0;
    const target = "/packages/x-1~2^3-1.noarch.rpm";
    await ask(server, target, { headers: { Range: "bytes=0-1" } });
    await ask(server, "/mirrorlist", { method: "HEAD" });
    await ask(server, "/missing");
    // The line is written when the connection has taken everything.
    for (let i = 0; lines.length < 3 && i < 1000; i += 1) await new Promise(setImmediate);
    assert.deepEqual(lines, [
      { method: "GET", path: target, status: 206, bytes: 2, range: "bytes=0-1" },
      { method: "HEAD", path: "/mirrorlist", status: 200, bytes: 0, range: undefined },
      { method: "GET", path: "/missing", status: 404, bytes: 10, range: undefined },
    ]);
  });

  it("says which port is in use", async () => {
    const port = Number(new URL(server.url).port);
    await assert.rejects(
      serveRepository(parent, { host: "127.0.0.1", port, baseUrl: BASE_URL, onRequest: () => {} }),
      { code: "LIB_IO", message: `127.0.0.1:${port}: is in use` },
    );
  });

  it("ends although a client keeps its connection open", async () => {
    const other = await serveRepository(parent, {
      host: "::1",
      port: 0,
      baseUrl: BASE_URL,
      onRequest: () => {},
    });
    assert.match(other.url, /^http:\/\/\[::1\]:\d+$/);
    await (await fetch(`${other.url}/secret`)).text();
    await other[Symbol.asyncDispose]();
    await assert.rejects(fetch(`${other.url}/secret`));
  });
});

import assert from "node:assert/strict";
import { appendFile, copyFile, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { type RepositoryServer, serveRepository } from "../../src/serve/index.ts";
import { digestFile } from "../../src/lib/bytes/digest.ts";
import { initRepository, readRepository, releaseRepo } from "../../src/repository/index.ts";
import { parsePointer } from "../../src/publish/layout.ts";
import { testContext } from "../support/context.ts";
import { openDnf, openZypper, outputOf } from "../support/package-clients.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { openSmallRpms, type SmallRpms } from "../fixtures/small-rpm.ts";

const BASE_URL = "http://repository.example.com/appliances";
const context = testContext();

describe("a served repository and its real clients", () => {
  let rpms: SmallRpms;
  let repository: string;
  let server: RepositoryServer;
  let log: string[];
  let repoFile: string;

  before(async () => {
    rpms = await openSmallRpms();
    repository = path.join(rpms.folder, "repository");
    const { signer } = await testKey();
    const packages = [await rpms.make("alpha"), await rpms.make("beta", { tags: "Epoch: 2" })];
    const settings = { name: "demo", baseUrl: BASE_URL, signer, packages };
    await initRepository(repository, settings, context);
    log = [];
    const { baseUrl } = await readRepository(repository);
    server = await serveRepository(repository, {
      host: "127.0.0.1",
      port: 0,
      baseUrl,
      onRequest: ({ method, path: name, status }) => log.push(`${method} ${name} ${status}`),
    });
    repoFile = await (await fetch(`${server.url}/demo.repo`)).text();
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await rpms?.[Symbol.asyncDispose]();
  });

  it("is described by a .repo file that names the server, with all checks on", () => {
    assert.match(repoFile, new RegExp(`^mirrorlist=${server.url}/mirrorlist$`, "m"));
    assert.match(repoFile, /^gpgcheck=1$/m);
    assert.match(repoFile, /^repo_gpgcheck=1$/m);
    assert.match(repoFile, new RegExp(`^gpgkey=${server.url}/RPM-GPG-KEY-demo$`, "m"));
  });

  it("is read by dnf, which installs from it after an update too", async () => {
    const dnf = await openDnf(path.join(rpms.folder, "dnf"), repoFile);
    const query = await dnf.run("repoquery", "--qf", "%{epoch}:%{name}-%{version}");
    assert.equal(query.exitCode, 0, outputOf(query));
    assert.deepEqual(query.stdout.trim().split("\n").sort(), ["0:alpha-1", "2:beta-1"]);
    const alpha = await dnf.run("install", "alpha");
    assert.equal(alpha.exitCode, 0, outputOf(alpha));

    const { signer } = await testKey();
    const add = [await rpms.make("gamma"), await rpms.make("alpha", { version: "2" })];
    await releaseRepo(repository, { add, remove: ["beta-1-1"] }, { signer }, context);
    // dnf has the metadata of the old generation, but reads the mirrorlist anew and asks below the new one.
    const beta = await dnf.run("install", "beta");
    assert.equal(beta.exitCode, 0, outputOf(beta));
    const upgrade = await dnf.run("--refresh", "upgrade");
    assert.equal(upgrade.exitCode, 0, outputOf(upgrade));
    // Debian's rpm keeps its database below HOME, so it must be dnf's.
    const listAll = ["-qa", "--root", path.join(dnf.root, "root"), "--qf", "%{name}-%{version}\n"];
    const installed = await context.run("rpm", listAll, { env: { HOME: dnf.root } });
    const names = installed.stdout
      .trim()
      .split("\n")
      .filter((one) => !one.startsWith("gpg-pubkey"));
    assert.deepEqual(names.sort(), ["alpha-2", "beta-1"]);
    assert.ok(log.some((line) => /^GET \/generations\/2-.*alpha-2-1\.noarch\.rpm 200$/.test(line)));
  });

  it("is read by zypper, which installs from it", async () => {
    const zypper = await openZypper(path.join(rpms.folder, "zypper"), repoFile);
    const refresh = await zypper.run("refresh");
    assert.equal(refresh.exitCode, 0, outputOf(refresh));
    const install = await zypper.run("install", "--no-recommends", "gamma");
    assert.equal(install.exitCode, 0, outputOf(install));
  });

  it("is read by createrepo_c and mergerepo_c, members of gzip and all", async () => {
    const generation = parsePointer(await readFile(path.join(repository, "mirrorlist"), "utf8"));
    const folder = path.join(repository, "generations", generation ?? "");
    const merged = path.join(rpms.folder, "merged");
    await context.run(
      "mergerepo_c",
      ["--all", "--repo", `file://${folder}`, "--outputdir", merged],
      {
        env: { HOME: rpms.folder },
      },
    );
    const list = await context.run("dnf", [
      "--disableplugin=*",
      `--setopt=cachedir=${path.join(rpms.folder, "merged-cache")}`,
      `--repofrompath=merged,file://${merged}`,
      "--repo=merged",
      "repoquery",
      "--qf",
      "%{name}-%{version}",
    ]);
    assert.deepEqual(list.stdout.trim().split("\n").sort(), ["alpha-1", "alpha-2", "gamma-1"]);
  });

  it("is refused when repomd.xml or a package was changed by one byte", async () => {
    const generation = parsePointer(await readFile(path.join(repository, "mirrorlist"), "utf8"));
    const folder = path.join(repository, "generations", generation ?? "");
    for (const [name, victim] of [
      ["metadata", path.join(folder, "repodata", "repomd.xml")],
      ["package", path.join(folder, "packages", "gamma-1-1.noarch.rpm")],
    ] as const) {
      const saved = path.join(rpms.folder, "saved");
      await copyFile(victim, saved);
      try {
        await appendFile(victim, " ");
        const dnf = await openDnf(path.join(rpms.folder, `tampered-${name}`), repoFile);
        const result = await dnf.run("install", "gamma");
        assert.equal(result.exitCode, 1, outputOf(result));
        const usr = path.join(dnf.root, "root", "usr");
        const installed: string[] = await readdir(usr).catch(() => []);
        assert.ok(!installed.includes("share"), "something was installed");
      } finally {
        await copyFile(saved, victim);
      }
    }
  });

  it("serves the whole of a package to a client that continues a download", async () => {
    const url = `${server.url}/packages/gamma-1-1.noarch.rpm`;
    const file = path.join(rpms.folder, "gamma.rpm");
    await context.run("curl", ["-sf", "-o", file, "-r", "0-999", url]);
    await context.run("curl", ["-sf", "-o", file, "-C", "-", url]);
    const stored = path.join(repository, "packages", "gamma-1-1.noarch.rpm");
    assert.equal(await digestFile(file), await digestFile(stored));
    assert.ok(log.includes("GET /packages/gamma-1-1.noarch.rpm 206"));
  });
});

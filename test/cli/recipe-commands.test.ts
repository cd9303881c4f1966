import assert from "node:assert/strict";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { RunResult } from "../../src/lib/exec.ts";
import { parseKickstart } from "../../src/recipe/index.ts";
import { testContext } from "../support/context.ts";
import { runProgram } from "../support/run-program.ts";
import { namesIn, withFolder } from "../support/temporary.ts";

const { run } = testContext();
const root = path.join(import.meta.dirname, "../..");
const web = path.join(root, "examples/recipes/web");

function program(args: readonly string[]): Promise<RunResult> {
  const env = { SOURCE_DATE_EPOCH: "1767225600" };
  return runProgram(args, { env, acceptExitCodes: [1, 2, 3, 4] });
}

/** Makes a host of the example site, with an installed recipe when its folder is named. */
async function makeHost(folder: string): Promise<string> {
  const host = path.join(folder, "host");
  await cp(path.join(root, "examples/recipes/site"), path.join(host, "etc/virt-appliance"), {
    recursive: true,
  });
  await cp(
    path.join(root, "spec-templates/host/kickstarts"),
    path.join(host, "usr/share/virt-appliance/kickstarts"),
    { recursive: true },
  );
  return host;
}

describe("recipe on the command line", () => {
  it(
    "is built with warnings that name file and line",
    withFolder(async (folder) => {
      const odd = path.join(folder, "odd");
      await cp(web, odd, { recursive: true });
      const kickstart = path.join(odd, "web.ks");
      await writeFile(kickstart, `frobnicate --now\n${await readFile(kickstart, "utf8")}`);
      const { exitCode, stderr } = await program(["build", odd, "-o", folder, "--dry-run"]);
      assert.equal(exitCode, 0, stderr);
      assert.match(stderr, /^warning: web\.ks:1: .*\[command-unknown\]$/m);
    }),
  );

  it(
    "is taken from a tarball as from its folder",
    withFolder(async (folder) => {
      const host = await makeHost(folder);
      const tarball = path.join(folder, "web.tar.xz");
      await program(["pack", web, "-o", tarball]);
      const names = [
        "web-appliance-puppet-1.0-1.noarch.rpm",
        "web-appliance-recipe-1.0-1.noarch.rpm",
      ];
      const [one, two] = [path.join(folder, "one"), path.join(folder, "two")];
      for (const [source, out] of [
        [web, one],
        [tarball, two],
      ] as const) {
        const built = await program(["build", source, "-o", out]);
        assert.equal(built.exitCode, 0, built.stderr);
      }
      for (const name of names) await run("cmp", [path.join(one, name), path.join(two, name)]);
      const told = await Promise.all(
        names.map(async (name) => (await program(["inspect", path.join(one, name)])).stdout),
      );
      assert.match(told[0] ?? "", /^recipe +web, for Puppet servers, module web$/m);
      assert.match(
        told[1] ?? "",
        /^recipe +web, for KVM hosts, web\.ks, parameters\.yaml, module web$/m,
      );
      const site = ["--root", host];
      const { stdout } = await program(["recipe", "ks", tarball, ...site]);
      assert.match(stdout, /^part \/boot /m);
      const shown = await program(["inspect", tarball]);
      for (const word of ["web.ks, for F40", "disk pages", "required", "example-web 1.0.0"]) {
        assert.ok(shown.stdout.includes(word), `${word}: ${shown.stdout}`);
      }
      assert.deepEqual(await namesIn(folder), ["host", "one", "two", "web.tar.xz"]);
    }),
  );

  it(
    "is inspected with everything that is wrong with it",
    withFolder(async (folder) => {
      const broken = path.join(folder, "broken");
      await cp(web, broken, { recursive: true });
      await writeFile(
        path.join(broken, "web.ks"),
        "frobnicate\npart / --ondisk=vdz --size=1\n%post\n",
      );
      await writeFile(path.join(broken, "puppet/web/manifests/init.pp"), "class web {\n");
      await writeFile(path.join(broken, "parameters.yaml"), "- { name: X }\n");
      const text = await program(["inspect", broken]);
      assert.equal(text.exitCode, 1);
      const codes = [
        "command-unknown",
        "disk-unknown",
        "end-missing",
        "module-code",
        "parameter-name",
      ];
      for (const code of codes) assert.match(text.stdout, new RegExp(`\\[${code}\\]`));
      assert.match(text.stdout, /^warning: web\.ks:1: frobnicate/m);
      const json: unknown = JSON.parse((await program(["inspect", "--json", broken])).stdout);
      assert.ok(typeof json === "object" && json !== null && "problems" in json);
      assert.ok(Array.isArray(json.problems));
    }),
  );

  it(
    "composes the kickstart of a folder, without secrets unless they are asked for",
    withFolder(async (folder) => {
      const host = await makeHost(folder);
      const args = ["recipe", "ks", web, "--root", host, "--set", "greeting=It's me"];
      const shown = await program(args);
      assert.equal(shown.exitCode, 0, shown.stderr);
      assert.deepEqual(parseKickstart(shown.stdout, "x").problems, []);
      assert.match(shown.stdout, /^timezone Etc\/UTC --utc$/m);
      assert.doesNotMatch(shown.stdout, /\$6\$example/);
      assert.match(shown.stderr, /timezone is overridden by .*recipes\/web\.ks:2/);
      const open = await program([...args, "--show-secrets", "--json"]);
      const document: unknown = JSON.parse(open.stdout);
      assert.ok(typeof document === "object" && document !== null && "kickstart" in document);
      assert.match(String(document.kickstart), /\$6\$example/);
      assert.match(open.stdout, /"value": "It's me",\s+"secret": false,\s+"origin": "--set"/);
    }),
  );

  it(
    "reports all missing and wrong parameters at once",
    withFolder(async (folder) => {
      const settings = ["workers=many", "nobody=1", "edition=huge", "mirror"];
      const args = settings.flatMap((setting) => ["--set", setting]);
      const { exitCode, stderr } = await program(["recipe", "ks", web, "--root", folder, ...args]);
      assert.equal(exitCode, 1);
      const words = ["puppet_server", "workers", "nobody", "edition", "expected NAME=VALUE"];
      for (const word of [...words, "fedora-minimal.ks"]) assert.match(stderr, new RegExp(word));
      assert.match(stderr, /none is installed in \/usr\/share\/.*; install virt-appliance-host/);
    }),
  );

  it(
    "finds an installed recipe by its name",
    withFolder(async (folder) => {
      const host = await makeHost(folder);
      const entry = path.join(
        host,
        "usr/share/virt-appliance/catalog.d/web-appliance-recipe-1.0-1",
      );
      await cp(web, entry, { recursive: true });
      const names = { name: "web", package: "web-appliance-recipe" };
      const rest = { schema: 1, version: "1.0", release: "1", label: "Web" };
      await writeFile(path.join(entry, "recipe.json"), JSON.stringify({ ...names, ...rest }));
      const { stdout, stderr } = await program(["recipe", "ks", "web-recipe", "--root", host]);
      assert.match(stdout, /^part \/boot /m, stderr);
      assert.doesNotMatch(stderr, /module web/);
      const shop = { ...names, ...rest, name: "shop", package: "shop-appliance-recipe" };
      const neighbour = path.join(path.dirname(entry), "shop-appliance-recipe-1.0-1");
      await mkdir(neighbour);
      const module = { name: "web", version: "2.0.0" };
      await writeFile(path.join(neighbour, "recipe.json"), JSON.stringify({ ...shop, module }));
      const told = await program(["recipe", "ks", "web-recipe", "--root", host]);
      assert.equal(told.exitCode, 0);
      assert.match(told.stderr, /module web: shop-appliance-recipe has the same name/);
    }),
  );

  it(
    "prints a node's definition and data that Puppet takes",
    withFolder(async (folder) => {
      const host = await makeHost(folder);
      const node = ["recipe", "node", web, "vm1.example.com", "--root", host];
      const definition = await program(node);
      assert.equal(definition.stdout, "node 'vm1.example.com' {\n  include web\n}\n");
      const data = await program([...node, "--data", "--set", "admin_token=hush"]);
      assert.match(data.stdout, /^web::greeting: "Hello from the site\."$/m);
      assert.match(data.stdout, /^web::admin_token: "\*+"$/m);
      const manifest = path.join(folder, "site.pp");
      await writeFile(manifest, definition.stdout);
      await run("puppet", [
        "parser",
        "validate",
        "--confdir",
        folder,
        "--vardir",
        folder,
        manifest,
      ]);
      const bad = await program(["recipe", "node", web, "x'; include y", "--root", host]);
      assert.equal(bad.exitCode, 2);
    }),
  );

  it(
    "builds both packages of a recipe, twice the same, and nothing of a broken one",
    withFolder(async (folder) => {
      const [one, two] = [path.join(folder, "one"), path.join(folder, "two")];
      const built = await program(["build", web, "-o", one]);
      assert.equal(built.exitCode, 0, built.stderr);
      const names = [
        "web-appliance-puppet-1.0-1.noarch.rpm",
        "web-appliance-recipe-1.0-1.noarch.rpm",
      ];
      assert.deepEqual(
        built.stdout.trim().split("\n").sort(),
        names.map((n) => path.join(one, n)),
      );
      assert.deepEqual(await namesIn(one), names);
      await program(["build", web, "-o", two]);
      for (const name of names) await run("cmp", [path.join(one, name), path.join(two, name)]);
      const broken = path.join(folder, "broken");
      await cp(web, broken, { recursive: true });
      await writeFile(path.join(broken, "puppet/web/manifests/init.pp"), "class web {\n");
      const refused = await program(["build", broken, "-o", path.join(folder, "three")]);
      assert.equal(refused.exitCode, 1);
      assert.match(refused.stderr, /init\.pp: Syntax error at end of input/);
      assert.deepEqual(await namesIn(path.join(folder, "three")), []);
    }),
  );
});

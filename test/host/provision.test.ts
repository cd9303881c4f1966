import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { consoleLogFile, journalDir } from "../../src/host/access/paths.ts";
import { prepareProvision, provisionVm } from "../../src/host/create/recipe/provision.ts";
import type { RecipeRequest } from "../../src/host/create/recipe/recipe-request.ts";
import { testContext } from "../support/context.ts";
import { serveOnly } from "../support/serve-only.ts";
import { SMALL_PARAMETERS } from "../fixtures/small-recipe.ts";
import { request } from "../fixtures/memory-host.ts";
import {
  openProvisionFixture,
  type ProvisionFixture,
  type ProvisionOptions,
  recipeRequest,
} from "../fixtures/provision-host.ts";

describe("create from a recipe", () => {
  let fixture: ProvisionFixture;
  beforeEach(async () => {
    fixture = await openProvisionFixture();
    await fixture.addRecipe();
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  const disk = (name: string): string => path.join(fixture.base.paths.diskDir, name);
  const create = async (
    overrides: Parameters<typeof recipeRequest>[1] = {},
    options: ProvisionOptions = {},
  ): ReturnType<typeof provisionVm> =>
    provisionVm(await fixture.open(options), recipeRequest(fixture, overrides));

  /** Returns why it is not made, having made sure that nothing is left of it. */
  async function refusal(
    overrides: Parameters<typeof recipeRequest>[1],
    options: ProvisionOptions = {},
  ): Promise<ApplianceError> {
    const log = path.relative(fixture.base.paths.root, consoleLogFile(fixture.base.paths, "vm1"));
    const names = async (): Promise<string[]> =>
      [...(await fixture.base.files()).keys()].filter((name) => name !== log).sort();
    const before = await names();
    const domains = await fixture.base.libvirt.listDomains();
    try {
      await create(overrides, options);
    } catch (error) {
      assert.ok(error instanceof ApplianceError, String(error));
      assert.deepEqual(await names(), before);
      assert.deepEqual(await fixture.base.libvirt.listDomains(), domains);
      assert.deepEqual(await readdir(journalDir(fixture.base.paths)).catch(() => []), []);
      return error;
    }
    return assert.fail("it was made");
  }

  it("makes empty disks of the descriptor's sizes, installs and starts the VM", async () => {
    await create();
    const sizes = await Promise.all(
      ["vm1-system.qcow2", "vm1-pages.qcow2"].map(async (name) => {
        const info = ["info", "--output=json", disk(name)];
        const { stdout } = await testContext().run("qemu-img", info);
        return Number(/"virtual-size": (\d+)/.exec(stdout)?.[1]);
      }),
    );
    assert.deepEqual(sizes, [64 * 1024 * 1024, 32 * 1024 * 1024]);
    assert.deepEqual(await fixture.base.libvirt.listDomains(), [{ name: "vm1", isActive: true }]);
  });

  it("hands the kickstart over in a file that root alone can read, and removes it", async () => {
    await create({ extraArguments: "quiet net.ifnames=0" });
    const [seen] = fixture.seen;
    assert.ok(seen !== undefined && fixture.seen.length === 1);
    assert.deepEqual([seen.kickstartMode, seen.folderMode], [0o600, 0o700]);
    assert.match(seen.kickstart, /va_token='s3cret'/);
    assert.match(seen.kickstart, /^# -- virt-appliance\npoweroff\n/);
    const folder = path.join(fixture.base.paths.stateDir, "installing");
    assert.deepEqual(seen.args, [
      "--connect",
      "test:///default",
      "--reinstall",
      "vm1",
      "--osinfo",
      "detect=off,require=off",
      "--noautoconsole",
      "--location",
      fixture.tree,
      "--initrd-inject",
      path.join(folder, "vm1/virt-appliance.ks"),
      "--extra-args",
      "inst.ks=file:/virt-appliance.ks console=ttyS0 quiet net.ifnames=0",
    ]);
    assert.deepEqual(await readdir(folder), []);
    assert.deepEqual(await readdir(journalDir(fixture.base.paths)), []);
  });

  it("changes nothing when it only prepares, and shows no secret", async () => {
    const before = await fixture.base.files();
    const host = await fixture.open();
    const prepared = await prepareProvision(host, recipeRequest(fixture, { puppet: "masterless" }));
    assert.deepEqual(await fixture.base.files(), before);
    assert.deepEqual(
      prepared.operation.steps.map(({ kind }) => kind),
      [
        "make-empty",
        "make-empty",
        "define-domain",
        "make-private-folder",
        "write-file",
        "install-guest",
        "remove-file",
      ],
    );
    assert.match(prepared.kickstart, /va_token=\*{8}|va_token='\*{8}'/);
    assert.doesNotMatch(prepared.kickstart, /s3cret/);
    const data = /data\/node.yaml' 0600 <<'VA_END'\n([^]*?)\nVA_END/.exec(prepared.kickstart)?.[1];
    assert.match(Buffer.from(data ?? "", "base64").toString(), /small::token: "\*{8}"/);
  });

  it("names every missing parameter at once", async () => {
    const { code, details } = await refusal({ set: ["colour=blue"] });
    assert.equal(code, "RECIPE_INVALID");
    const told = details.join("\n");
    assert.match(told, /hub: required parameter is not set \(Where mail goes\)/);
    assert.match(told, /token: required/);
    assert.match(told, /colour/);
  });

  const layouts = [
    ["a disk that the descriptor lacks", "part /x --ondisk=vdc --size=1\n", /disk-unknown/],
    ["more than a disk holds", "part /x --ondisk=vda --size=999\n", /disk-full/],
    ["the system on a data disk", "part /boot --ondisk=vdb --size=1\n", /role-data/],
  ] as const;
  for (const [what, kickstart, expected] of layouts) {
    it(`refuses a layout with ${what} before anything is made`, async () => {
      await fixture.addRecipe({ version: "2.0", kickstart });
      const { code, details } = await refusal({});
      assert.equal(code, "RECIPE_INVALID");
      assert.match(details.join("\n"), expected);
    });
  }

  const requests: readonly (readonly [string, Partial<RecipeRequest>, RegExp])[] = [
    ["no tree", { installer: undefined }, /has no installation tree .url --url.; use --location/],
    [
      "a tree with a password",
      { installer: { kind: "tree", location: "https://me:word@example.com/" } },
      /the address of the installation tree contains a password/,
    ],
    [
      "a tree with options of virt-install's",
      { installer: { kind: "tree", location: "/srv,kernel=x" } },
      /has a character that virt-install does not accept/,
    ],
    [
      "an option of ours behind --",
      { machine: request({ appliance: "small-recipe", extra: ["--location=/x"] }) },
      /--location: create sets this virt-install option itself/,
    ],
    [
      "a network that is not there",
      { machine: request({ appliance: "small-recipe", networks: ["none-such"] }) },
      /network none-such: no such network/,
    ],
  ];
  for (const [what, overrides, expected] of requests) {
    it(`refuses ${what}`, async () => {
      const { code, details } = await refusal(overrides);
      assert.equal(code, "HOST_REFUSED");
      assert.match(details.join("\n"), expected);
    });
  }

  it("refuses a kickstart that leaves the machine on", async () => {
    await fixture.addRecipe({ version: "2.0", kickstart: "halt\n" });
    assert.match((await refusal({})).details.join("\n"), /halt leaves the machine powered on/);
  });

  const urls = [
    [
      "url --url=https://example.com/$releasever/\n",
      /has a variable that only the installer knows/,
    ],
    ["url --url=file:///run/tree\n", /has no installation tree .url --url/],
    ["url --mirrorlist=https://example.com/list\n", /has no installation tree .url --url/],
  ] as const;
  for (const [kickstart, expected] of urls) {
    it(`has no tree of ${kickstart.trim()}`, async () => {
      await fixture.addRecipe({ version: "2.0", kickstart });
      const { details } = await refusal({ installer: undefined });
      assert.match(details.join("\n"), expected);
    });
  }

  it("takes the tree that the kickstart names", async () => {
    await using server = await serveOnly(["/tree/.treeinfo"]);
    await fixture.addRecipe({ version: "2.0", kickstart: `url --url=${server.url}\nreboot\n` });
    await create({ installer: undefined });
    const [seen] = fixture.seen;
    assert.equal(seen?.args[seen.args.indexOf("--location") + 1], server.url);
    assert.doesNotMatch(seen?.kickstart ?? "", /^poweroff/m);
  });

  it("notices a tree that cannot be reached before anything is made", async () => {
    await using server = await serveOnly([]);
    const places = [
      [server.url, /not an installation tree: the server responds with 404/],
      ["http://127.0.0.1:1/tree", /cannot be reached: .*(bad port|ECONNREFUSED)/],
      ["http://nowhere.invalid/tree", /cannot be reached: /],
      [path.join(fixture.tree, "none"), /no such file or folder/],
    ] as const;
    for (const [location, expected] of places) {
      const { code, message } = await refusal({ installer: { kind: "tree", location } });
      assert.equal(code, "HOST_TREE_UNREACHABLE");
      assert.match(message, expected);
    }
    const kernel = path.join(fixture.tree, "vmlinuz");
    const missing = await refusal({ installer: { kind: "kernel", kernel, initrd: kernel } });
    assert.match(missing.message, /vmlinuz: no such file/);
  });

  it("undoes everything when virt-install cannot start the installer", async () => {
    const { code, details } = await refusal({}, { installation: "is refused" });
    assert.equal(code, "HOST_INSTALL_FAILED");
    assert.deepEqual(details, ["ERROR    Couldn't find kernel for install tree."]);
  });

  it("undoes everything when the installer fails, and keeps what it said", async () => {
    const { code, message, details } = await refusal({}, { installation: "fails" });
    assert.equal(code, "HOST_INSTALL_FAILED");
    assert.match(message, /vm1: the installer ended before the installation was complete/);
    const log = consoleLogFile(fixture.base.paths, "vm1");
    assert.deepEqual(details, [`console log: ${log}`, "hello", "oh no"]);
    assert.match(await readFile(log, "utf8"), /oh no/);
  });

  it("undoes everything when the time is over", async () => {
    const { code, message, details } = await refusal(
      { timeoutSeconds: 0.6 },
      { installation: "hangs" },
    );
    assert.equal(code, "HOST_INSTALL_FAILED");
    assert.match(message, /did not end within 0.01 min; --install-timeout sets the limit/);
    assert.ok(details.includes("oh no"));
  });

  it("undoes everything on Ctrl-C, the log too", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 500);
    const { code } = await refusal(
      {},
      { installation: "hangs", context: { signal: controller.signal } },
    );
    assert.equal(code, "LIB_INTERRUPTED");
    assert.deepEqual(await readdir(fixture.base.paths.consoleDir), []);
  });

  it("warns when no console tells whether it succeeded", async () => {
    await create({}, { installation: "says nothing" });
    assert.match(fixture.warnings.join("\n"), /cannot tell whether the installation succeeded/);
  });

  it("keeps an installed VM that cannot be started", async () => {
    const startDomain = (): Promise<void> =>
      Promise.reject(new ApplianceError("LIBVIRT_FAILED", "no memory"));
    await assert.rejects(create({}, { libvirt: { startDomain } }), /no memory/);
    assert.deepEqual(await fixture.base.libvirt.listDomains(), [{ name: "vm1", isActive: false }]);
    assert.deepEqual(await readdir(journalDir(fixture.base.paths)), []);
  });

  it("leaves the VM off when asked to, and starts it with the host", async () => {
    const machine = request({ appliance: "small-recipe", start: false, autostart: true });
    await create({ machine });
    const { isActive, autostart } = await fixture.base.libvirt.domainFacts("vm1");
    assert.deepEqual([isActive, autostart], [false, true]);
  });

  it("refuses a name that a VM of another recipe has", async () => {
    await create();
    const parameters = SMALL_PARAMETERS;
    await fixture.addRecipe({ name: "other", parameters });
    const machine = request({ appliance: "other-recipe" });
    const { code, details } = await refusal({ recipe: "other-recipe", machine });
    assert.equal(code, "HOST_REFUSED");
    assert.match(
      details.join("\n"),
      /name vm1: a domain of this name exists, made from small 1.0-1/,
    );
  });

  it("names the site's Puppet server to the agent", async () => {
    await fixture.answer("parameters.d/10-puppet.yaml", "puppet_server: puppet.example.com\n");
    await create();
    const script = /first-boot' 0755 <<'VA_END'\n([^]*?)\nVA_END/.exec(
      fixture.seen[0]?.kickstart ?? "",
    )?.[1];
    const text = Buffer.from(script ?? "", "base64").toString();
    assert.match(text, /puppet agent --onetime [^]*--server='puppet.example.com'/);
    assert.doesNotMatch(text, /puppet apply/);
    assert.doesNotMatch(fixture.seen[0]?.kickstart ?? "", /node.yaml/);
  });

  it("prefers the server that the recipe asks for by a parameter", async () => {
    const parameters = `${SMALL_PARAMETERS}- name: puppet_server\n`;
    await fixture.addRecipe({ version: "2.0", parameters });
    await fixture.answer("parameters.d/10-puppet.yaml", "puppet_server: of.the.site\n");
    await create({ set: ["hub=a", "token=b", "puppet_server=of.the.vm"] });
    const scripts = (fixture.seen[0]?.kickstart ?? "").match(/^[A-Za-z0-9+/=\n]{80,}$/gm) ?? [];
    const text = scripts.map((each) => Buffer.from(each, "base64").toString()).join("");
    assert.match(text, /--server='of.the.vm'/);
    assert.doesNotMatch(text, /of.the.site/);
  });

  it("carries the module into a VM without server", async () => {
    await create({ puppet: "masterless" });
    const kickstart = fixture.seen[0]?.kickstart ?? "";
    const written = [...kickstart.matchAll(/^va_write '([^']+)' (\d+)/gm)].map((m) => m.slice(1));
    const folder = "/etc/virt-appliance/first-boot";
    assert.deepEqual(written, [
      [`${folder}/site.pp`, "0600"],
      [`${folder}/hiera.yaml`, "0600"],
      [`${folder}/data/node.yaml`, "0600"],
      [`${folder}/modules/small/files/run.sh`, "0755"],
      [`${folder}/modules/small/manifests/init.pp`, "0644"],
      [`${folder}/modules/small/metadata.json`, "0644"],
      ["/usr/libexec/virt-appliance/first-boot", "0755"],
      ["/etc/systemd/system/virt-appliance-first-boot.service", "0644"],
    ]);
  });

  it("refuses a module that is too large to carry, unless a server has it", async () => {
    const folder = path.join(
      fixture.base.paths.catalogueDir,
      "small-appliance-recipe-1.0-1/puppet/small/files",
    );
    await writeFile(path.join(folder, "large"), Buffer.alloc(1024 * 1024));
    const { code, message } = await refusal({ puppet: "masterless" });
    assert.equal(code, "LIB_LIMIT_EXCEEDED");
    assert.match(message, /module small: larger than 1\.0 MiB/);
    await create();
  });

  it("refuses files with secrets that anyone can read, and warns of kickstarts", async () => {
    await fixture.answer("recipes/small.yaml", "hub: a\ntoken: word\n", 0o644);
    await fixture.answer("site.ks", "rootpw --plaintext word\n", 0o644);
    const { code, details } = await refusal({ set: [] });
    assert.equal(code, "HOST_SECRETS_EXPOSED");
    const file = path.join(fixture.base.paths.settingsDir, "recipes/small.yaml");
    assert.deepEqual(details, [`${file}: holds the secret token`]);
    const { run } = testContext();
    await run("chmod", ["0750", path.dirname(file)]);
    await create({ set: [] });
    assert.match(fixture.warnings.join("\n"), /site.ks: anyone can read it/);
  });

  it("takes the next system that virt-install knows", async () => {
    await fixture.addRecipe({ version: "2.0", osinfo: "http://example.com/nowhere/1" });
    await create();
    assert.equal((await fixture.base.libvirt.listDomains()).length, 1);
  });
});

import assert from "node:assert/strict";
import path from "node:path";
import type { RunResult } from "../../src/lib/exec.ts";
import { openRecipeHost, type RecipeHost } from "../fixtures/recipe-host.ts";

const PAGE = path.join(import.meta.dirname, "../../examples/recipes/page");
const FIRST_BOOT_MS = 8 * 60_000;
const SHUTDOWN_MS = 5 * 60_000;
const INSTALL_MS = 15 * 60_000;
const GREETING = `It's "50 % off" & <b>fine</b>, $HOME #1`;

const SITE = `# What this site says about every recipe.
lang C.UTF-8
keyboard --vckeymap=us
timezone Europe/Berlin --utc
network --bootproto=dhcp --device=link --activate --hostname=vm1.example.com
rootpw --plaintext "se cret"
user --name=admin --groups=wheel --lock
`;

describe("a VM of a recipe, installed by another reader of its kickstart", () => {
  let testHost: RecipeHost;
  before(async () => {
    testHost = await openRecipeHost({
      recipes: [PAGE],
      installed: ["puppet"],
      offered: ["tree"],
    });
  });
  after(() => testHost[Symbol.asyncDispose]());
  beforeEach(async () => {
    await testHost.host.sh("rm -rf /etc/virt-appliance/site.ks /etc/virt-appliance/recipes");
    await testHost.host.writeText("/etc/virt-appliance/site.ks", SITE);
  });
  afterEach(async () => {
    await testHost.host.sh(`
      for vm in $(virsh list --all --name); do virsh -q destroy $vm; virsh -q undefine $vm; done 2>/dev/null
      rm -f /var/lib/libvirt/images/*.qcow2`);
  });

  const create = (...more: readonly string[]): Promise<RunResult> => {
    const machine = ["vm1", "--virt-type", "qemu", "--network", "user", "--masterless"];
    const values = [`mirror=${testHost.guestUrl}`, `greeting=${GREETING}`];
    const set = values.flatMap((value) => ["--set", value]);
    const tree = ["--location", testHost.treeUrl];
    return testHost.virtAppliance(["create", "page-recipe", ...machine, ...tree, ...set, ...more], {
      timeoutMs: INSTALL_MS,
      accept: "any",
    });
  };
  /** All of the VM that could be left behind. */
  const traces = async (): Promise<string> =>
    (
      await testHost.host.sh(`
        virsh -q list --all; ls /var/lib/libvirt/images | grep qcow2
        ls /var/lib/virt-appliance/journal /var/lib/virt-appliance/installing /var/lib/libvirt/boot 2>/dev/null`)
    ).stdout.replaceAll(/^(\/var\/.*:)?\n/gm, "");

  it("boots from its own disk, and Puppet makes of it what --set says", async () => {
    const created = await create();
    assert.equal(created.exitCode, 0, `${created.stderr}${await testHost.consoleOf("vm1")}`);
    assert.equal(created.stdout, "vm1\n");
    const configured = /virt-appliance: first boot: page-1\.0-1 is configured/;
    const said = await testHost.untilSaid("vm1", configured, FIRST_BOOT_MS);
    assert.match(said, /Linux version .*cloud-amd64/);
    assert.ok(said.includes(`<p>${GREETING}</p>`), said);
    assert.match(said, /<p>small, on vm1, CES?T<\/p>/);
    assert.match(said, /returns: \/dev\/vdb1 +\/srv/);

    // What the installer left on the disks, as seen by who mounts them.
    await testHost.host.run(["virsh", "shutdown", "vm1"]);
    const isOff = 'until [ "$(virsh domstate vm1)" = "shut off" ]; do sleep 0.5; done';
    await testHost.host.run(["sh", "-c", isOff], { timeoutMs: SHUTDOWN_MS });
    const image = "/var/lib/libvirt/images/vm1-pages.qcow2";
    await testHost.host.sh(`qemu-img convert -O raw ${image} /tmp/pages.raw`);
    const { stdout: table } = await testHost.host.sh("sfdisk -l /tmp/pages.raw");
    assert.match(table, /Disklabel type: gpt[^]*Linux filesystem/);
    await testHost.host.sh("dd if=/tmp/pages.raw of=/tmp/pages.ext4 bs=1M skip=1 status=none");
    const read = "debugfs -R 'cat /www/index.html' /tmp/pages.ext4";
    assert.match((await testHost.host.sh(read)).stdout, /<title>page<\/title>/);

    const update = await testHost.virtAppliance(["update", "vm1"], { accept: "any" });
    assert.match(update.stderr, /update its Puppet module page instead/);
  });

  it("is gone again when a script of the kickstart fails, and what it said is kept", async () => {
    await testHost.host.writeText(
      "/etc/virt-appliance/recipes/page.ks",
      "%post --erroronfail\necho 'the licence server is away' >&2\nexit 3\n%end\n",
    );
    const created = await create();
    assert.equal(created.exitCode, 1, created.stderr);
    assert.match(created.stderr, /HOST_INSTALL_FAILED/);
    assert.match(created.stderr, /the licence server is away/);
    assert.match(created.stderr, /installer: FAILED: .*%post ended with status 3/);
    const log = /console log: (\S+)/.exec(created.stderr)?.[1];
    assert.ok(log !== undefined, created.stderr);
    assert.match(await testHost.host.readText(log), /installer: vda1: ext4 for \//);
    assert.equal(await traces(), "");
  });

  it("is gone again when the installation does not end in time", async () => {
    await testHost.host.writeText(
      "/etc/virt-appliance/recipes/page.ks",
      "%pre\necho 'waiting for the licence server' >/dev/console\nsleep 36000\n%end\n",
    );
    const created = await create("--install-timeout", "1");
    assert.equal(created.exitCode, 1, created.stderr);
    assert.match(created.stderr, /vm1: the installation did not end within 1 min/);
    const log = /console log: (\S+)/.exec(created.stderr)?.[1];
    assert.ok(log !== undefined, created.stderr);
    assert.match(await testHost.host.readText(log), /waiting for the licence server/);
    assert.equal(await traces(), "");
  });
});

import assert from "node:assert/strict";
import path from "node:path";
import { fileURLToPath } from "node:url";
import {
  type HostRunOptions,
  openSimulatedHost,
  type SimulatedHost,
} from "../../examples/simulated-host/simulated-host.ts";
import type { RunResult } from "../../src/lib/exec.ts";
import { programInHost, type ProgramInHost } from "../support/bundled-program.ts";
import { testContext } from "../support/context.ts";
import { makeSmallTree } from "../fixtures/small-installer.ts";
import { installSmallRecipe } from "../fixtures/small-recipe.ts";
import { temporaryFolder } from "../support/temporary.ts";

const repositoryRoot = fileURLToPath(new URL("../../", import.meta.url));
const DISKS = "/var/lib/libvirt/images";
const CONSOLE = "/var/log/libvirt/qemu/vm1-console.log";
const OPTIONS = ["--virt-type", "qemu", "--network", "none"] as const;
const VALUES = ["--set", "hub=mail.example.com", "--set", "token=s3cret"] as const;

describe("VMs of a recipe", () => {
  const folder = temporaryFolder();
  let host: SimulatedHost;
  let bundled: ProgramInHost;
  before(async () => {
    bundled = await programInHost();
    await makeSmallTree(path.join(folder, "tree"));
    await installSmallRecipe(path.join(folder, "catalogue"));
    const shares = {
      "/srv/tree": path.join(folder, "tree"),
      ...bundled.shares,
    };
    host = await openSimulatedHost(testContext(), { shares });
    await host.sh("mkdir -p /usr/share/virt-appliance /var/lib/virt-appliance /etc/virt-appliance");
    await host.copyIn(path.join(folder, "catalogue"), "/usr/share/virt-appliance/catalog.d");
    await host.startLibvirt();
  });
  after(() => host.dispose());
  afterEach(async () => {
    await host.sh(`
      for vm in $(virsh list --all --name); do virsh -q destroy $vm; virsh -q undefine $vm; done 2>/dev/null
      rm -f ${DISKS}/*.qcow2`);
  });

  const virtAppliance = (args: readonly string[], options?: HostRunOptions): Promise<RunResult> =>
    host.run([...bundled.words, ...args], options);
  /** All that an operation could leave behind. */
  const traces = async (): Promise<string> =>
    (
      await host.sh(`
        virsh -q list --all; virsh -q pool-list --all; ls ${DISKS} /var/lib/libvirt/boot
        find /var/lib/virt-appliance -type f ! -path '*/locks/*'
        ls /tmp`)
    ).stdout.replaceAll(/^node-compile-cache\n/gm, "");
  const tree = ["--location", "/srv/tree"] as const;
  const create = ["create", "small-recipe", "vm1", ...OPTIONS, ...VALUES] as const;

  it("are installed by virt-install, and boot from their disk", async () => {
    // The list of processes shows no secret.
    await host.writeText(
      "/run/watch/watch",
      `for i in $(seq 400); do
        for file in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <"$file"; echo; done
        sleep 0.2
      done >/run/watch/seen 2>/dev/null`,
    );
    await host.sh("setsid sh /run/watch/watch </dev/null >/dev/null 2>&1 &");
    const options = ["--no-start", "--masterless", ...tree] as const;
    const { stdout, stderr } = await virtAppliance([...create, ...options]);
    assert.equal(stdout, "vm1\n", stderr);
    const said = (await host.readText(CONSOLE)).replaceAll("\r", "");
    assert.match(said, /arguments: .*inst.ks=file:\/virt-appliance.ks console=ttyS0/);
    assert.match(said, /-rw------- +1 0 +0 +\d+ .*\/virt-appliance.ks/);
    assert.match(said, /vda has 131072 sectors\nvdb has 65536 sectors/);
    const kickstart = /-- kickstart\n([^]*?)-- end of the kickstart/.exec(said)?.[1] ?? "";
    assert.match(kickstart, /va_token='s3cret'/);
    const seen = await host.readText("/run/watch/seen");
    assert.match(seen, /virt-install .*--reinstall vm1/);
    const others = seen.split("\n").filter((line) => !line.includes("main.js create"));
    assert.doesNotMatch(others.join("\n"), /s3cret/);
    await host.run(["virsh", "-q", "start", "vm1"]);
    await host.run([
      "timeout",
      "300",
      "sh",
      "-c",
      `until grep -q "booted from the disk" ${CONSOLE}; do sleep 0.2; done`,
    ]);
    const { stdout: xml } = await host.sh("virsh dumpxml --inactive vm1");
    assert.doesNotMatch(xml, /<kernel>|<on_reboot>destroy/);
    assert.match((await virtAppliance(["vms"])).stdout, /^vm1 +small +1.0-1 +running/m);
    await virtAppliance(["destroy", "vm1", "--stop"]);
  });

  it("are installed with a kernel of their own, rebooting at the end", async () => {
    const boot = "/srv/tree/images/pxeboot";
    const { stdout, stderr } = await virtAppliance([
      ...create,
      "--kernel",
      `${boot}/vmlinuz`,
      "--initrd",
      `${boot}/initrd.img`,
      "--extra-args",
      "small.reboot",
      "--wait-boot",
      "300",
    ]);
    assert.equal(stdout, "vm1\n", stderr);
    assert.match(await host.readText(CONSOLE), /small: booted from the disk/);
  });

  it("are made of the example, as the example's site wants it", async () => {
    const examples = path.join(repositoryRoot, "examples/recipes");
    const catalogue = "/usr/share/virt-appliance/catalog.d/web-appliance-recipe-1.0-1";
    await host.copyIn(path.join(examples, "web"), catalogue);
    const entry = { schema: 1, name: "web", package: "web-appliance-recipe", version: "1.0" };
    const text = JSON.stringify({ ...entry, release: "1", label: "Web server" });
    await host.writeText(`${catalogue}/recipe.json`, text);
    await host.copyIn(path.join(examples, "site"), "/etc/virt-appliance");
    const stock = path.join(repositoryRoot, "spec-templates/host/kickstarts");
    await host.copyIn(stock, "/usr/share/virt-appliance/kickstarts");
    const { stdout: shown } = await virtAppliance(["show", "web"]);
    assert.match(shown, /^parameter greeting +Hello from the site., from .*recipes\/web.yaml, /m);
    assert.match(shown, /^installation tree +https:\/\/download.fedoraproject.org\/.*\/os\/$/m);
    const machine = [...OPTIONS, "--memory", "256", "--no-start"] as const;
    const made = await virtAppliance(["create", "web-recipe", "vm1", ...machine, ...tree]);
    assert.equal(made.stdout, "vm1\n", made.stderr);
    assert.match(made.stderr, /site.ks: anyone can read it, and it contains a password or key/);
    const said = (await host.readText(CONSOLE)).replaceAll("\r", "");
    assert.match(said, /^part \/srv --fstype=xfs --ondisk=vdb/m);
    assert.match(said, /^timezone Etc\/UTC --utc$/m);
    assert.match(said, /^reboot$/m);
    assert.match(said, /vda has 20971520 sectors\nvdb has 8388608 sectors/);
    await virtAppliance(["destroy", "vm1"]);
    await host.sh("rm -r /etc/virt-appliance/*");
  });

  it("ask on a terminal for what is missing, and show no secret", async () => {
    const args = ["create", "small-recipe", "vm1", ...OPTIONS, ...tree, "--dry-run"] as const;
    // Types an answer whenever the output ends with a question.
    const typist = `
import os, pty, sys
answers = [b"mail.example.con\\x7fm\\r", b"s3cret\\r"]
def read(fd):
    data = os.read(fd, 4096)
    if answers and data.rstrip(b"\\x1b[K").endswith(b": "): os.write(fd, answers.pop(0))
    return data
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], read)))`;
    const { stdout } = await host.run(["python3", "-c", typist, ...bundled.words, ...args]);
    const said = stdout.replaceAll("\r\n", "\n");
    assert.match(said, /hub \(Where mail goes\): mail.example.com\n/);
    assert.match(said, /token: \n/);
    assert.match(said, /\ncreate .*vm1-system.qcow2, empty, 64.0 MiB\n/);
    assert.match(said, /\ninstall vm1, waiting at most 60 min\n/);
    assert.doesNotMatch(said, /s3cret/);
    const elsewhere = await virtAppliance(args, { accept: "any" });
    assert.equal(elsewhere.exitCode, 1);
    assert.match(elsewhere.stderr, /hub: required[^]*token: required/);
  });

  it("are planned and shown without secrets", async () => {
    const before = await traces();
    const planned = await virtAppliance([...create, ...tree, "--dry-run", "--json"]);
    assert.match(planned.stdout, /"kind": "install-guest"/);
    assert.match(planned.stdout, /"base64": null/);
    assert.doesNotMatch(planned.stdout + planned.stderr, /s3cret/);
    const { stdout: xml } = await virtAppliance([...create, ...tree, "--print-xml"]);
    assert.match(xml, /^<domain[^]*<va:recipe module="small"[^]*<\/domain>\n$/);
    assert.doesNotMatch(xml, /s3cret/);
    const { stdout: shown } = await virtAppliance(["show", "small-recipe"]);
    assert.match(shown, /^parameter colour +red, from default$/m);
    assert.match(shown, /^parameter token +required, no value$/m);
    assert.equal(await traces(), before);
    const bad = await virtAppliance([...create, "--location", "/srv/none"], { accept: "any" });
    assert.equal(bad.exitCode, 4);
    assert.match(bad.stderr, /\/srv\/none: no such file or folder/);
    const both = await virtAppliance([...create, ...tree, "--kernel", "/x"], { accept: "any" });
    assert.equal(both.exitCode, 2, both.stderr);
  });

  it("leave nothing behind when the installer fails, hangs or is stopped", async () => {
    const before = await traces();
    const endings: readonly (readonly [string, readonly string[], RegExp])[] = [
      [
        "small.fail",
        [],
        /vm1: the installer ended before[^]*vm1-console.log\n[^]*cannot be installed/,
      ],
      [
        "small.hang",
        ["--install-timeout", "0.3"],
        /vm1: the installation did not end within 0.3 min/,
      ],
    ];
    for (const [extra, more, expected] of endings) {
      await host.sh(`rm -f ${CONSOLE}`);
      const args = [...create, ...tree, "--extra-args", extra, ...more];
      const failed = await virtAppliance(args, { accept: "any" });
      assert.equal(failed.exitCode, 1, failed.stderr);
      assert.match(failed.stderr, expected);
      assert.match(failed.stderr, /console log: \/var\/log\/libvirt\/qemu\/vm1-console.log/);
      assert.match(await host.readText(CONSOLE), /-- kickstart/);
      assert.equal(await traces(), before);
    }
    // Ctrl-C, and then a kill, in the middle of the installation.
    const end = async (signal: "INT" | "KILL"): Promise<RunResult> => {
      await host.sh(`rm -f ${CONSOLE}`);
      const script = `"$@" & pid=$!
        until grep -q "end of the kickstart" ${CONSOLE} 2>/dev/null; do sleep 0.2; done
        kill -${signal} "$pid"; wait "$pid"`;
      const hang = ["--extra-args", "small.hang"] as const;
      return host.run(["sh", "-c", script, "sh", ...bundled.words, ...create, ...tree, ...hang], {
        accept: [130, 137],
      });
    };
    const stopped = await end("INT");
    assert.equal(stopped.exitCode, 130);
    assert.match(stopped.stderr, /interrupted/);
    await assert.rejects(host.readText(CONSOLE));
    assert.equal(await traces(), before);
    assert.equal((await end("KILL")).exitCode, 137);
    assert.match((await host.sh("virsh -q list")).stdout, /vm1/);
    const recovered = await virtAppliance(["recover"]);
    assert.match(recovered.stderr, /vm1: an interrupted create was undone/);
    assert.equal(await traces(), before);
  });
});

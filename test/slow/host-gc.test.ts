import assert from "node:assert/strict";
import { BASE_DIR } from "../fixtures/package-host.ts";
import { baseOf, DISKS, type GcHost, openGcHost } from "../fixtures/gc-host.ts";

const versions = Array.from({ length: 20 }, (_, index) => `1.${index + 1}`);
/** Every version once, up and down. */
const order = [3, 1, 7, 2, 12, 5, 20, 4, 9, 6, 15, 8, 11, 10, 19, 13, 18, 14, 17, 16];

const OPTIONS = ["--virt-type", "qemu", "--network", "none", "--memory", "64"] as const;

describe("gc on a host with dnf and libvirt", () => {
  let testHost: GcHost;
  before(async () => {
    testHost = await openGcHost(versions);
  });
  after(() => testHost[Symbol.asyncDispose]());

  const installed = async (): Promise<readonly string[]> => {
    const { stdout } = await testHost.host.sh("rpm -q --qf '%{version}\\n' web-appliance || :");
    return stdout.split("\n").filter((line) => line.startsWith("1."));
  };
  /** Versions whose base a run removed, or would. */
  const gc = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { stdout } = await testHost.virtAppliance(["gc", "--json", ...args]);
    const { unused } = JSON.parse(stdout) as { unused: readonly { file: string }[] };
    return unused.map(({ file }) => /-(1\.\d+)-1-/.exec(file)?.[1] ?? file);
  };
  const sorted = (list: Iterable<string>): readonly string[] =>
    [...new Set(list)].sort((a, b) => Number(a.slice(2)) - Number(b.slice(2)));

  it("removes only what nothing uses, whatever came and went [base / dnf upgrade] [base / dnf remove] [base / gc]", async () => {
    const { host, virtAppliance, plainVm, coldStart, versionsWithBase } = testHost;
    const vms = new Map<string, string>();
    for (const [index, number] of order.entries()) {
      const version = `1.${number}`;
      const present = await installed();
      // dnf would take the oldest away, which may be the one that is asked for.
      const [oldest] = sorted(present);
      if (present.length === 2 && index % 2 === 0)
        await host.sh(`dnf -y -q remove web-appliance-${oldest}`);
      const { stderr } = await host.sh(`dnf -y -q install web-appliance-${version}`);
      assert.doesNotMatch(stderr, /scriptlet/i);
      assert.ok((await installed()).length <= 2, `${version}: more than two installed`);
      if (!(await installed()).includes(version)) continue;
      if (index % 4 === 1) {
        await virtAppliance([
          "create",
          `web-${version}`,
          `ours-${number}`,
          ...OPTIONS,
          "--no-start",
        ]);
        vms.set(`ours-${number}`, version);
      } else if (index % 4 === 3) {
        await plainVm(`plain-${number}`, version);
        vms.set(`plain-${number}`, version);
      }
    }
    assert.ok(vms.size >= 6, [...vms.keys()].join(" "));
    // Most of their packages are gone by now.
    for (const vm of vms.keys()) await coldStart(vm);
    const all = await versionsWithBase();
    assert.ok(all.length > 10, all.join(" "));
    const digests = (await host.sh(`sha256sum ${BASE_DIR}/*`)).stdout;
    const used = (): readonly string[] => sorted(vms.values());
    const needed = sorted([...used(), ...(await installed())]);
    const unused = all.filter((version) => !needed.includes(version));

    assert.deepEqual(await gc("--grace", "1h"), []);
    assert.deepEqual(sorted(await gc("--grace", "0", "--dry-run")), unused);
    assert.deepEqual(await versionsWithBase(), all);
    assert.deepEqual(sorted(await gc("--grace", "0")), unused);
    assert.deepEqual(await versionsWithBase(), needed);
    for (const vm of vms.keys()) await coldStart(vm);

    await host.sh("dnf -y -q remove web-appliance");
    assert.deepEqual(await versionsWithBase(), needed);
    await gc("--grace", "0");
    assert.deepEqual(await versionsWithBase(), used());
    for (const vm of vms.keys()) await coldStart(vm);
    for (const line of (await host.sh(`sha256sum ${BASE_DIR}/*`)).stdout.split("\n"))
      assert.ok(digests.includes(line), line);
    const { stdout: volumes } = await host.sh("virsh -q vol-list appliances");
    assert.equal(
      volumes.split("\n").filter((line) => line.includes(".qcow2")).length,
      used().length,
    );

    for (const [vm] of vms) {
      vms.delete(vm);
      if (vm.startsWith("ours")) await virtAppliance(["destroy", vm]);
      else await host.sh(`virsh -q undefine $1; rm ${DISKS}/$1.qcow2`, vm);
      await gc("--grace", "0");
      assert.deepEqual(await versionsWithBase(), used(), vm);
    }
    assert.deepEqual(await versionsWithBase(), []);
  });

  it("and a transaction or a create at the same time do each other no harm", async () => {
    const { host, program, coldStart, virtAppliance } = testHost;
    for (const round of [1, 2, 3]) {
      await host.sh("dnf -y -q install web-appliance-1.5; dnf -y -q remove web-appliance");
      const { stderr } = await host.sh(
        `${program} gc --grace 0 --quiet & sleep 0.$1; dnf -y -q install web-appliance-1.5; wait`,
        String(round * 3),
      );
      assert.doesNotMatch(stderr, /scriptlet|at file:/i);
      const created = await host.sh(
        `${program} gc --grace 0 --quiet & ${program} create web vm$1 --virt-type qemu --network none --memory 64 --no-start; wait`,
        String(round),
      );
      assert.match(created.stdout, new RegExp(`^vm${round}$`, "m"));
      await coldStart(`vm${round}`);
      await virtAppliance(["destroy", `vm${round}`]);
    }
  });

  it("keeps everything while libvirt does not answer, and says so", async () => {
    const { host, virtAppliance, versionsWithBase } = testHost;
    await host.sh("dnf -y -q install web-appliance-1.6; dnf -y -q remove web-appliance");
    const before = await versionsWithBase();
    await host.stopLibvirt();
    try {
      const refused = await virtAppliance(["gc", "--grace", "0"], { accept: [1] });
      assert.equal(refused.exitCode, 1);
      assert.equal(refused.stdout, "");
      assert.match(refused.stderr, /cannot list its domains: .*libvirt does not respond/);
    } finally {
      await host.startLibvirt();
    }
    assert.deepEqual(await versionsWithBase(), before);
  });

  it("is what doctor, adopt and export go with: a base stays root's, a VM becomes a package", async () => {
    const { host, virtAppliance, plainVm } = testHost;
    const owner = async (): Promise<string> =>
      (await host.sh(`stat -c '%U %a' ${baseOf("1.7")}`)).stdout.trim();
    await host.sh("dnf -y -q install web-appliance-1.7");
    const healthy = await virtAppliance(["doctor", "--verify"], { accept: [1] });
    assert.equal(healthy.stdout, "");
    await plainVm("plain", "1.7");
    // libvirt gives the base to QEMU's user, and leaves it there.
    await host.sh("virsh -q start plain");
    assert.notEqual(await owner(), "root 444");
    const sick = await virtAppliance(["doctor"], { accept: [1] });
    assert.equal(sick.exitCode, 1);
    assert.match(sick.stdout, /warning: .*1.7-1-system.qcow2 belongs to user \d+/);
    const adopted = await virtAppliance(["adopt", "plain"]);
    assert.equal(adopted.stdout, "plain: web 1.7-1\n");
    await host.sh("virsh -q destroy plain");
    const fixed = await virtAppliance(["doctor", "--fix"]);
    assert.match(fixed.stderr, /repaired: .*1.7-1-system.qcow2 belongs/);
    assert.equal(await owner(), "root 444");
    await host.sh("virsh -q start plain");
    assert.equal(await owner(), "root 444");
    assert.match((await virtAppliance(["vms"])).stdout, /^plain +web +1.7-1 +running/m);
    const running = await virtAppliance(["export", "plain", "-o", "/srv/plain"], { accept: [1] });
    assert.match(running.stderr, /it is running; shut it down, or use --stop/);
    await host.sh("virsh -q destroy plain; mkdir /srv/out");
    await virtAppliance(["export", "plain", "-o", "/srv/plain"]);
    const built = await virtAppliance(["build", "/srv/plain", "-o", "/srv/out"]);
    assert.match(built.stdout, /plain-appliance-1.7-1.*\.rpm/);
    await host.sh("rpm -i /srv/out/plain-appliance-*.rpm");
    await virtAppliance(["create", "plain", "again", ...OPTIONS]);
    const { stdout } = await host.sh(
      `virsh -q destroy again; qemu-img compare ${DISKS}/again-system.qcow2 ${DISKS}/plain.qcow2`,
    );
    assert.match(stdout, /identical/);
    const { stdout: left } = await virtAppliance(["recover", "--json"]);
    assert.deepEqual(JSON.parse(left), { left: [] });
  });
});

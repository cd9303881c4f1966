import assert from "node:assert/strict";
import type { RunResult } from "../../src/lib/exec.ts";
import { openVmHost, type VmHost } from "../fixtures/vm-host.ts";

const MAC = "52:54:00:12:34:56";
const ADDRESS = "192.0.2.7";
const PORT = 8443;

/** A listener that runs until the host ends, and prints when it is ready. */
const LISTENER = `require("node:net").createServer().listen(${PORT}, "${ADDRESS}", () => console.log("ready"))`;

describe("the check of an updated VM", function () {
  this.timeout(600_000);
  let testHost: VmHost;
  before(async () => {
    testHost = await openVmHost(["1.0", "1.1", { version: "1.2", health: "hangs" }]);
    const { host, virtAppliance, untilOff } = testHost;
    await host.sh("dnf -y -q install hello-appliance-1.0 hello-appliance-1.1 hello-appliance-1.2");
    // A separate network with a bridge, on which the address of the VM is one of the host's.
    await host.stopLibvirt();
    await host.sh(`unshare --net sh -c '
      mkdir -p /dev/net && mknod /dev/net/tun c 10 200
      ip link set lo up && ip link add br0 address 02:00:00:00:00:01 type bridge && ip link set br0 up
      ip address add 192.0.2.1/24 dev br0 && ip address add ${ADDRESS}/32 dev lo
      ip neighbour add ${ADDRESS} lladdr ${MAC} dev br0 nud permanent
      virtlogd -d && libvirtd -d'
      until virsh version >/dev/null 2>&1; do sleep 0.1; done`);
    const listen = `mkfifo /run/said; nsenter --net=/proc/$(cat /run/libvirtd.pid)/ns/net "$1" -e '${LISTENER}' >/run/said 2>&1 &
      read -r said </run/said; [ "$said" = ready ]`;
    await host.sh(listen, process.execPath);
    const create = ["create", "hello-1.0", "vm1", "--virt-type", "qemu", "--mac", MAC];
    await virtAppliance([...create, "--network", "bridge=br0"]);
    assert.match(await untilOff("vm1"), /hello-appliance 1.0 boot 1\r?\n/);
  });
  after(() => testHost[Symbol.asyncDispose]());

  /** Updates from within the network of the VM, and says how long it took. */
  async function update(
    version: string,
    check: string,
    seconds: number,
  ): Promise<RunResult & { readonly tookSeconds: number }> {
    const { host, program } = testHost;
    const line = `nsenter --net=/proc/$(cat /run/libvirtd.pid)/ns/net ${program} update vm1 --to ${version} --verify "$1" --verify-timeout ${seconds}`;
    const started = performance.now();
    const result = await host.run(["sh", "-c", line, "sh", check], { accept: "any" });
    return { ...result, tookSeconds: (performance.now() - started) / 1000 };
  }
  const definition = async (): Promise<string> =>
    (await testHost.host.sh("virsh -q dumpxml vm1; virsh domstate vm1")).stdout;

  for (const [check, complaint] of [
    ["sleep 1000", /vm1: did not come up: "sleep 1000" did not succeed within 3 s/],
    [`tcp:${PORT + 1}`, /could not connect to port 8444 of 192.0.2.7 within 3 s/],
    ["console:no such text", /its console did not print \/no such text\/ within 3 s/],
    ["agent", /its guest agent did not respond within 3 s/],
  ] as const) {
    it(`ends in time, and takes the VM back: ${check}`, async () => {
      const before = await definition();
      const failed = await update("1.2-1", check, 3);
      assert.equal(failed.exitCode, 3, failed.stderr);
      assert.match(failed.stderr, complaint);
      assert.match(failed.stderr, /it was rolled back to 1.0-1/);
      assert.ok(failed.tookSeconds < 30, `${failed.tookSeconds} s`);
      assert.equal(await definition(), before);
    });
  }

  for (const check of [
    `tcp:${PORT}`,
    `tcp:${ADDRESS}:${PORT}`,
    'virsh domid "$VIRT_APPLIANCE_VM"',
  ]) {
    it(`passes: ${check}`, async () => {
      const { virtAppliance, untilOff } = testHost;
      const { exitCode, stdout, stderr } = await update("1.1-1", check, 60);
      assert.equal(exitCode, 0, stderr);
      assert.equal(stdout, "vm1 1.0-1 -> 1.1-1\n");
      await untilOff("vm1");
      await virtAppliance(["rollback", "vm1"]);
    });
  }

  it("is refused for a VM whose network the host cannot reach", async () => {
    const { host, virtAppliance } = testHost;
    const create = ["create", "hello-1.0", "vm2", "--virt-type", "qemu", "--network", "user"];
    await virtAppliance([...create, "--no-start"]);
    const check = ["--verify", "tcp:443"];
    const refused = await virtAppliance(["update", "vm2", ...check], { accept: "any" });
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /tcp:443: its network has type user, which the host cannot reach/);
    await host.sh("virsh -q undefine vm2");
  });
});

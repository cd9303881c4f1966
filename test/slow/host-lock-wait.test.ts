import assert from "node:assert/strict";
import { openVmHost, type VmHost } from "../fixtures/vm-host.ts";

const LOCK = "/var/lib/virt-appliance/lock";

describe("a transaction of dnf, while another keeps the lock", function () {
  this.timeout(400_000);
  let testHost: VmHost;
  before(async () => {
    testHost = await openVmHost(["1.0"], "package");
  });
  after(() => testHost[Symbol.asyncDispose]());

  it("waits for 30 seconds, succeeds, and leaves the work to the unit at boot", async () => {
    const { host, virtAppliance } = testHost;
    const list = async (): Promise<string> => (await virtAppliance(["list"])).stdout;
    const until = "until [ -e /tmp/released ]; do sleep 0.2; done";
    const holder = host.run(["flock", LOCK, "sh", "-c", until], { timeoutMs: 300_000 });
    const started = performance.now();
    const dnf = await host.run(["dnf", "-y", "-q", "install", "hello-appliance"], {
      timeoutMs: 300_000,
    });
    const seconds = (performance.now() - started) / 1000;
    const log = await host.readText("/var/log/messages");
    const left = log.match(/another run did not end within 30 seconds.*; the next run completes/g);
    // %post of the appliance, and the hook at the end of the transaction.
    assert.equal(left?.length, 2, log);
    assert.ok(seconds > 60 && seconds < 180, `${seconds} s`);
    assert.doesNotMatch(dnf.stdout + dnf.stderr, /scriptlet|error/i);
    assert.match(
      (await host.run(["rpm", "-q", "hello-appliance"])).stdout,
      /^hello-appliance-1.0-1/,
    );
    assert.doesNotMatch(await list(), /ready/);

    await host.sh("touch /tmp/released");
    await holder;
    const unit = await host.readText("/usr/lib/systemd/system/virt-appliance-reconcile.service");
    const [, command = ""] = /^ExecStart=(.*)$/m.exec(unit) ?? assert.fail(unit);
    await host.run(command.split(" "));
    assert.match(await list(), /^hello +1.0-1 +x86_64 +ready /m);
  });
});

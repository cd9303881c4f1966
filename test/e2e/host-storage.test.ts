import assert from "node:assert/strict";
import type { SimulatedHost } from "../../examples/simulated-host/simulated-host.ts";
import {
  BASE_DIR,
  type PackageHost,
  openPackageHost,
  resetHost,
  stateOf,
} from "../fixtures/package-host.ts";

const MIB = 1024 * 1024;
const RECONCILE = "/usr/libexec/virt-appliance/reconcile";
const RAW_BASE = "raw-appliance-1.0-1-system.raw";
const WEB_BASE = "web-appliance-1.0-1-system.qcow2";

/** Mounts a separate file system on the pool, and returns when it is unmounted again. */
async function withPoolMount(
  host: SimulatedHost,
  options: string,
  test: () => Promise<void>,
): Promise<void> {
  await host.sh(`mkdir -p ${BASE_DIR}; mount -t tmpfs -o ${options} pool ${BASE_DIR}`);
  try {
    await test();
  } finally {
    await host.sh(`umount ${BASE_DIR}`);
  }
}

/** Blocks in use and mode of a base, and whether it has the digest of its record. */
async function lookAt(
  host: SimulatedHost,
  base: string,
): Promise<{ readonly usedBytes: number; readonly mode: string; readonly sound: boolean }> {
  const { stdout } = await host.sh(
    `stat -c '%b %a' "$1/$2"; sed -n 's/^sha256=//p' "/var/lib/virt-appliance/bases/$2"; sha256sum <"$1/$2"`,
    BASE_DIR,
    base,
  );
  const [facts = "", recorded = "x", found = ""] = stdout.split("\n");
  const [blocks = "", mode = ""] = facts.split(" ");
  return { usedBytes: Number(blocks) * 512, mode, sound: found.startsWith(recorded) };
}

describe("unpacking on a host", () => {
  let testHost: PackageHost;
  let host: SimulatedHost;
  before(async () => {
    testHost = await openPackageHost([
      { name: "web", version: "1.0", noiseBytes: 2 * MIB },
      { name: "raw", version: "1.0", noiseBytes: 4 * MIB, keepRaw: true },
    ]);
    ({ host } = testHost);
  });
  after(() => testHost.dispose());
  beforeEach(() => resetHost(host));

  it("takes no space where payload and pool share a file system", async () => {
    await host.sh("dnf -y -q install web-appliance");
    const { stdout } = await host.sh(`stat -c %h ${BASE_DIR}/${WEB_BASE}`);
    assert.equal(stdout, "2\n");
    assert.deepEqual((await host.run(["rpm", "-V", "web-appliance"])).stdout, "");
  });

  it("copies and checks where they do not", async () => {
    await withPoolMount(host, "size=64m", async () => {
      const { stderr } = await host.sh("dnf -y -q install web-appliance");
      assert.equal(stderr, "");
      const { usedBytes, ...facts } = await lookAt(host, WEB_BASE);
      assert.deepEqual(facts, { mode: "444", sound: true });
      assert.ok(usedBytes > 2 * MIB);
      assert.deepEqual((await stateOf(host)).registered, ["web-appliance-1.0-1: complete"]);
    });
  });

  it("copies across a bind mount of one file system, where a hard link is refused", async () => {
    await host.sh(`mkdir -p /srv/pool ${BASE_DIR}; mount --bind /srv/pool ${BASE_DIR}`);
    try {
      await host.sh("dnf -y -q install web-appliance");
      assert.deepEqual((await stateOf(host)).bases, [WEB_BASE]);
      assert.equal((await lookAt(host, WEB_BASE)).sound, true);
    } finally {
      await host.sh(`umount ${BASE_DIR}; rm -rf /srv/pool`);
    }
  });

  it("expands a raw disk with its holes", async () => {
    await host.sh("dnf -y -q install raw-appliance");
    const { usedBytes, ...facts } = await lookAt(host, RAW_BASE);
    assert.deepEqual(facts, { mode: "444", sound: true });
    assert.ok(usedBytes >= 4 * MIB && usedBytes < 5 * MIB, String(usedBytes));
    const { stdout } = await host.sh(`stat -c %s ${BASE_DIR}/${RAW_BASE}`);
    assert.equal(stdout, `${16 * MIB}\n`);
  });

  const full = [
    { package: "raw-appliance", base: RAW_BASE, what: "in the middle of expanding", size: "4500k" },
    { package: "raw-appliance", base: RAW_BASE, what: "before expanding", size: "1m" },
    { package: "web-appliance", base: WEB_BASE, what: "before copying", size: "1m" },
  ];
  for (const { package: name, base, what, size } of full) {
    it(`survives a disk that is full ${what}, and completes once there is space`, async () => {
      await withPoolMount(host, `size=${size}`, async () => {
        await host.sh("[ $1 != 4500k ] || head -c 1M /dev/zero >$2/other", size, BASE_DIR);
        const { stdout, stderr } = await host.run(["dnf", "-y", "install", name]);
        assert.match(stdout, /Complete!/);
        assert.match(stdout + stderr, /virt-appliance: .*(No space left|[KMG]iB free|bytes free)/i);
        assert.deepEqual((await stateOf(host)).registered, [`${name}-1.0-1: incomplete`]);
        await host.sh(`rm -f ${BASE_DIR}/other`);
        assert.deepEqual((await stateOf(host)).bases, []);
        assert.match(await host.readText("/var/log/messages"), /virt-appliance: .*run reconcile/);

        await host.sh(`mount -o remount,size=64m ${BASE_DIR}; ${RECONCILE} --quiet`);
        const state = await stateOf(host);
        assert.deepEqual(state.registered, [`${name}-1.0-1: complete`]);
        assert.deepEqual(state.bases, [base]);
        assert.equal((await lookAt(host, base)).sound, true);
      });
    });
  }

  it("is made up for by reconcile after an installation without scriptlets", async () => {
    await host.sh(
      "rpm -i --noscripts --notriggers /srv/repo/virt-appliance-host-0.2.0-1.noarch.rpm /srv/repo/*-appliance-1.0-1.x86_64.rpm",
    );
    assert.deepEqual((await stateOf(host)).bases, []);
    const { stdout } = await host.run([RECONCILE]);
    assert.match(stdout, /^web-appliance-1\.0-1: complete$/m);
    const state = await stateOf(host);
    assert.deepEqual(state.bases, [RAW_BASE, WEB_BASE]);
    assert.deepEqual(state.registered, [
      "raw-appliance-1.0-1: complete",
      "web-appliance-1.0-1: complete",
    ]);
  });

  it("is completed by the next run when it is killed in the middle", async () => {
    await host.sh(
      "rpm -i --noscripts --notriggers /srv/repo/virt-appliance-host-0.2.0-1.noarch.rpm",
    );
    await host.sh("rpm -i --noscripts --notriggers /srv/repo/raw-appliance-1.0-1.x86_64.rpm");
    // Expands half of the disk, says so, and waits to be killed with its parent.
    await host.writeText(
      "/usr/local/bin/zstd",
      '#!/bin/sh\nfor to; do case $to in *.unpacking) head -c 1M /dev/zero >"$to" ;; esac; done\n' +
        "echo half >/run/half\nexec sleep 100\n",
    );
    await host.sh("chmod 755 /usr/local/bin/zstd; mkfifo /run/half");
    await host.sh(
      `setsid ${RECONCILE} --quiet >/dev/null 2>&1 & read -r _ </run/half; env kill -KILL -- -$!`,
    );
    await host.sh("rm -f /usr/local/bin/zstd /run/half");
    assert.deepEqual((await stateOf(host)).bases, [`.${RAW_BASE}.unpacking`]);
    await host.run([RECONCILE, "--quiet"]);
    const state = await stateOf(host);
    assert.deepEqual(state.bases, [RAW_BASE]);
    assert.deepEqual(state.registered, ["raw-appliance-1.0-1: complete"]);
  });

  it("never overwrites a base that was changed, says so, and lets transactions go on", async () => {
    await host.sh("dnf -y -q install web-appliance");
    await host.sh(`rm -f ${BASE_DIR}/${WEB_BASE}; echo mine >${BASE_DIR}/${WEB_BASE}`);
    for (const command of ["reinstall web-appliance", "reinstall virt-appliance-host"]) {
      const { stdout } = await host.sh(`dnf -y ${command} 2>&1`);
      assert.match(stdout, /has SHA-256 [0-9a-f]{64}, expected .* not overwritten/);
      assert.match(stdout, /Complete!/);
      assert.equal(await host.readText(`${BASE_DIR}/${WEB_BASE}`), "mine\n");
    }
    assert.deepEqual((await stateOf(host)).registered, ["web-appliance-1.0-1: incomplete"]);
  });

  it("is enabled at boot as the presets say, until the host package goes", async () => {
    const wanted = "/etc/systemd/system/multi-user.target.wants/virt-appliance-reconcile.service";
    await host.sh(`dnf -y -q install virt-appliance-host; test -L ${wanted}`);
    await host.run(["systemd-analyze", "verify", "virt-appliance-reconcile.service"]);
    await host.sh(`dnf -y -q reinstall virt-appliance-host; test -L ${wanted}`);
    await host.sh(`dnf -y -q remove virt-appliance-host; ! test -L ${wanted}`);
    await host.writeText("/etc/systemd/system-preset/00-site.preset", "disable *\n");
    await host.sh(`dnf -y -q install virt-appliance-host; ! test -L ${wanted}`);
    await host.sh("rm /etc/systemd/system-preset/00-site.preset");
  });

  it("finds its directories where /var starts empty", async () => {
    await host.sh("dnf -y -q install web-appliance");
    await host.sh("rm -rf /var/lib/virt-appliance /var/lib/libvirt/images/appliances");
    await host.sh("systemd-tmpfiles --create /usr/lib/tmpfiles.d/virt-appliance-host.conf");
    const missing = "rpm -V virt-appliance-host | grep missing || :";
    assert.equal((await host.sh(missing)).stdout, "");
    await host.sh("dnf -y -q reinstall web-appliance");
    assert.deepEqual((await stateOf(host)).registered, ["web-appliance-1.0-1: complete"]);
  });

  it("keeps the settings of the site", async () => {
    const settings = "/etc/virt-appliance/host.conf";
    await host.sh("dnf -y -q install virt-appliance-host-0.1.0");
    await host.writeText(settings, "BASE_DIR=/srv/bases\n");
    await host.sh("dnf -y -q upgrade; dnf -y -q install web-appliance");
    assert.equal(await host.readText(settings), "BASE_DIR=/srv/bases\n");
    assert.equal((await host.sh("ls /srv/bases")).stdout, `${WEB_BASE}\n`);
    await host.sh(`rm -rf /srv/bases ${settings}`);
  });
});

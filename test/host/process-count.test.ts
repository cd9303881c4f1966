import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { diagnose } from "../../src/host/doctor/doctor.ts";
import { prepareGc } from "../../src/host/gc/gc.ts";
import { type LocalHost, openLocalHost } from "../../src/host/access/local-host.ts";
import { writeInstance } from "../../src/host/instance/instance-xml.ts";
import { findUsers } from "../../src/host/uses/find-users.ts";
import { hostPaths } from "../../src/host/access/paths.ts";
import { listVms } from "../../src/host/show/list-vms.ts";
import { openLibvirt } from "../../src/libvirt/index.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

const cpu =
  "<cpu><mhz>1</mhz><model>m</model><active>1</active><nodes>1</nodes><sockets>1</sockets><cores>1</cores><threads>1</threads><mem>1</mem></cpu>";

/** A VM on two disks, one of them in a pool, with a snapshot; libvirt's test driver reads it from a file. */
function renderVm(index: number, folder: string): string {
  const name = `vm${index}`;
  const uuid = `6695eb01-f6a4-8304-79aa-${String(index).padStart(12, "0")}`;
  const disk = path.join(folder, `${name}.qcow2`);
  const devices = `<devices><disk type='file' device='disk'><source file='${disk}'/><target dev='vda'/></disk>
    <disk type='volume' device='disk'><source pool='disks' volume='${name}-data.qcow2'/><target dev='vdb'/></disk></devices>`;
  const core = `<name>${name}</name><uuid>${uuid}</uuid><memory>1</memory><os><type>hvm</type></os>${devices}`;
  const domain = writeInstance(`<domain type='test'>${core}</domain>`, {
    appliance: "web",
    package: "web-appliance",
    createdAt: "2026-01-01T00:00:00Z",
    current: {
      version: "1",
      release: "1",
      since: "2026-01-01T00:00:00Z",
      boot: 0,
      disks: [
        {
          id: "system",
          role: "system",
          kind: "empty",
          path: disk,
          format: "qcow2",
          target: "vda",
          base: undefined,
        },
      ],
      kernel: undefined,
      initrd: undefined,
      definition: undefined,
    },
    previous: undefined,
    seed: undefined,
  });
  const snapshot = `<t:domainsnapshot><name>s</name><active>1</active><creationTime>1</creationTime><state>shutoff</state><domain type='test'>${core}</domain></t:domainsnapshot>`;
  return domain
    .slice(domain.indexOf("<domain"))
    .replace("<domain ", "<domain xmlns:t='http://libvirt.org/schemas/domain/test/1.0' ")
    .replace("</domain>", `${snapshot}</domain>`);
}

describe("the number of programs that are run", () => {
  const folder = temporaryFolder();
  /** Counts what a command runs on a host with so many VMs. */
  async function countRuns(
    vms: number,
    command: (host: LocalHost) => Promise<number>,
  ): Promise<number> {
    const root = path.join(folder, String(vms));
    const paths = hostPaths(root);
    await mkdir(paths.diskDir, { recursive: true });
    const all = Array.from({ length: vms }, (_, index) => renderVm(index, paths.diskDir));
    const pool = `<pool type='dir'><name>disks</name><target><path>${paths.diskDir}</path></target></pool>`;
    const file = path.join(root, "libvirt.xml");
    await writeFile(file, `<node>${cpu}${pool}${all.join("\n")}</node>`);
    let runs = 0;
    const context = testContext();
    const counted = testContext({
      run: (...args) => {
        runs += 1;
        return context.run(...args);
      },
    });
    const host = await openLocalHost(counted, {
      paths,
      openLibvirt: (each) => openLibvirt(each, { uri: `test://${file}` }),
    });
    assert.equal(await command(host), vms);
    return runs;
  }

  const commands: Record<string, (host: LocalHost) => Promise<number>> = {
    vms: async (host) => (await listVms(host)).vms.length,
    doctor: async (host) => {
      const { findings } = await diagnose(host, { hash: "changed" });
      const lost = findings.filter(({ what }) => /^has the disk .* which is missing$/.test(what));
      return new Set(lost.map(({ subject }) => subject)).size;
    },
    "gc --dry-run": async (host) => {
      const { obstacles } = await prepareGc(host, { graceMs: 0 });
      assert.deepEqual(obstacles, []);
      return (await host.libvirt.listDomains()).length;
    },
    "destroy, accept and rollback": async (host) => {
      const { domains } = await host.libvirt.surveyDomains({ depth: "next start" });
      const files = domains.map(({ name }) => path.join(host.paths.diskDir, `${name}.qcow2`));
      return (await findUsers(host, "nobody", files)).users.size;
    },
  };
  for (const [name, command] of Object.entries(commands)) {
    it(`does not grow with the number of VMs: ${name}`, async () => {
      assert.equal(await countRuns(60, command), await countRuns(2, command));
    });
  }
});

import assert from "node:assert/strict";
import {
  appendFile,
  chmod,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { createVm } from "../../src/host/create/create.ts";
import { isAtLeast } from "../../src/host/doctor/check-programs.ts";
import { checkSpace } from "../../src/host/doctor/check-space.ts";
import { diagnose } from "../../src/host/doctor/doctor.ts";
import { faceOf } from "../../src/host/open-host.ts";
import type { Finding } from "../../src/host/doctor/finding.ts";
import { lockVm } from "../../src/host/operation/locks.ts";
import { writeAtomically } from "../../src/lib/atomic.ts";
import type { MemoryLibvirtState } from "../../src/libvirt/index.ts";
import { testContext } from "../support/context.ts";
import { killingHook } from "../support/kill-points.ts";
import {
  addAppliance,
  type HostFixture,
  openHostFixture,
  request,
} from "../fixtures/memory-host.ts";
import { domainXml, installAndRemove, overlay, put, recordBases } from "../fixtures/host-bases.ts";
import { cloneVm } from "../fixtures/appliance-versions.ts";

const ID = "web-appliance-1.0-1";
const CHANGED = { hash: "changed" } as const;

function poolOf(root: string): NonNullable<MemoryLibvirtState["pools"]>[number] {
  const targetPath = path.join(root, "var/lib/libvirt/images/appliances/base");
  return { name: "appliances", isActive: true, type: "dir", targetPath, volumes: [] };
}

/** A host on which one thing is wrong. */
interface Case {
  readonly libvirt?: (root: string) => MemoryLibvirtState;
  readonly breakIt: (host: HostFixture) => Promise<unknown>;
  /** `severity code` of what is found. */
  readonly found: readonly string[];
  readonly what: RegExp;
}

const none = (): Promise<void> => Promise.resolve();
const base = (host: HostFixture, name: string): string =>
  path.join(host.paths.baseDir, `${ID}-${name}`);
const disk = (host: HostFixture, name: string): string => path.join(host.paths.diskDir, name);
const record = (host: HostFixture): string => path.join(host.paths.stateDir, "registered", ID);

/** Writes other bytes of the same length. */
async function tamper(file: string): Promise<void> {
  const { size } = await stat(file);
  await chmod(file, 0o644);
  await writeFile(file, Buffer.alloc(size, "x"));
  await chmod(file, 0o444);
}

const cases: Readonly<Record<string, Case>> = {
  "an interrupted operation": {
    breakIt: async (host) =>
      createVm(await host.open(killingHook(6, "after")), request()).catch(() => undefined),
    found: ["error operation-interrupted"],
    what: /^vm1 create, started at .*, was interrupted/,
  },
  "a journal that cannot be read": {
    breakIt: (host) => put(path.join(host.paths.stateDir, "journal/x.json"), "{}"),
    found: ["error journal-bad"],
    what: /not a journal entry/,
  },
  "a base that was changed": {
    breakIt: (host) => tamper(base(host, "data.raw")),
    found: ["error base-changed"],
    what: /data.raw was changed: its SHA-256 is/,
  },
  "a base that grew": {
    breakIt: async (host) => {
      await chmod(base(host, "data.raw"), 0o644);
      await appendFile(base(host, "data.raw"), "more");
      await chmod(base(host, "data.raw"), 0o444);
    },
    found: ["error base-changed"],
    what: /data.raw was changed: it has/,
  },
  "a base that is gone": {
    breakIt: (host) => rm(base(host, "data.raw")),
    found: ["error base-missing"],
    what: /data.raw is missing/,
  },
  "a changed base of a package that is gone": {
    breakIt: async (host) => {
      await installAndRemove(host, [], ["0.9"]);
      await tamper(base(host, "data.raw").replace("1.0", "0.9"));
    },
    found: ["error base-changed"],
    what: /0.9-1-data.raw was changed/,
  },
  "a base that others may write to": {
    breakIt: (host) => chmod(base(host, "data.raw"), 0o664),
    found: ["warning base-mode"],
    what: /data.raw has mode 0664, expected 0444/,
  },
  "a file among the bases that is none": {
    breakIt: (host) => put(path.join(host.paths.baseDir, "mine.img"), "mine"),
    found: ["note base-foreign"],
    what: /mine.img is in the base pool, but is not a base of any appliance/,
  },
  "a pool that is not active": {
    libvirt: (root) => ({ pools: [{ ...poolOf(root), isActive: false }] }),
    breakIt: none,
    found: ["warning pool-inactive"],
    what: /^pool appliances is not active/,
  },
  "no pool": {
    libvirt: () => ({ pools: [] }),
    breakIt: none,
    found: ["warning pool-missing"],
    what: /^pool appliances is missing/,
  },
  "a pool of our name with another folder": {
    libvirt: (root) => ({ pools: [{ ...poolOf(root), targetPath: "/srv" }] }),
    breakIt: none,
    found: ["error pool-foreign"],
    what: /^pool appliances points to \/srv, expected /,
  },
  "a libvirt that does not answer": {
    libvirt: () => ({ isUnreachable: true }),
    breakIt: none,
    found: ["error libvirt-silent"],
    what: /cannot list its domains/,
  },
  "a state folder that is none": {
    breakIt: async (host) => {
      const folder = path.join(host.paths.stateDir, "bases");
      await rm(folder, { recursive: true });
      await writeFile(folder, "");
    },
    found: ["error state-unwritable"],
    what: /is not writable: .*bases.*not a folder/,
  },
  "a package that was never registered": {
    breakIt: (host) => rm(record(host)),
    found: ["warning registration-missing"],
    what: /was never unpacked and registered/,
  },
  "a package that was registered in part": {
    breakIt: (host) => put(record(host), "status: incomplete\nproblem: no space\n"),
    found: ["error registration-incomplete"],
    what: /is not completely registered: no space/,
  },
  "a catalogue entry that cannot be read": {
    breakIt: (host) => put(path.join(host.paths.catalogueDir, "x-1-1/catalogue.json"), "{}"),
    found: ["error catalogue-bad"],
    what: /has an entry that cannot be read/,
  },
  "a VM whose base is gone": {
    breakIt: async (host) => {
      await installAndRemove(host, ["0.9"], []);
      await createVm(await host.open(), request({ appliance: "web-0.9", start: false }));
      await rm(path.join(host.paths.catalogueDir, "web-appliance-0.9-1"), { recursive: true });
      await rm(base(host, "system.qcow2").replace("1.0", "0.9"));
    },
    found: ["error base-missing"],
    what: /^vm1 is backed by .*0.9-1-system.qcow2, which is missing/,
  },
  "a VM whose base is another one now": {
    breakIt: async (host) => {
      await installAndRemove(host, ["0.9"], []);
      await createVm(await host.open(), request({ appliance: "web-0.9", start: false }));
      await rm(path.join(host.paths.catalogueDir, "web-appliance-0.9-1"), { recursive: true });
      const name = path.join(host.paths.stateDir, "bases/web-appliance-0.9-1-system.qcow2");
      const text = await readFile(name, "utf8");
      await writeFile(
        name,
        text.replace(/sha256=./, (t) => (t.endsWith("0") ? "sha256=1" : "sha256=0")),
      );
      await utimes(base(host, "system.qcow2").replace("1.0", "0.9"), 1, 1);
    },
    found: ["error base-changed", "error base-differs"],
    what: /^vm1 was created on .* with SHA-256 /m,
  },
  "a VM whose data disk is gone": {
    breakIt: async (host) => {
      await createVm(await host.open(), request({ start: false }));
      await rm(disk(host, "vm1-data.raw"));
    },
    found: ["error disk-missing"],
    what: /^vm1 has the disk .*vm1-data.raw, which is missing/,
  },
  "a VM whose kernel is gone": {
    breakIt: async (host) => {
      await addAppliance(host, { os: "<kernel>vmlinuz</kernel>" });
      await recordBases(host);
      await createVm(await host.open(), request({ start: false }));
      await rm(disk(host, "vm1-vmlinuz"));
    },
    found: ["error file-missing"],
    what: /^vm1 needs .*vm1-vmlinuz, which is missing/,
  },
  "a VM whose metadata is damaged": {
    breakIt: async (host) => {
      const { operation } = await createVm(await host.open(), request({ start: false }));
      await host.libvirt.defineDomain(operation.xml.replaceAll('kind="overlay"', 'kind="?"'));
    },
    found: ["error metadata-bad"],
    what: /^vm1 has unusable metadata/,
  },
  "a clone with the metadata of its original": {
    breakIt: async (host) => {
      await createVm(await host.open(), request({ start: false }));
      await cloneVm(host, "vm1", "vm2");
    },
    found: ["error metadata-foreign"],
    what: /^vm2 carries the metadata of another VM \(clone\?\)/,
  },
  "a VM of plain virt-install whose base is gone": {
    libvirt: (root) => ({
      pools: [poolOf(root)],
      domains: [{ xml: domainXml("plain", [`${root}/srv/plain.qcow2`]) }],
    }),
    breakIt: (host) =>
      overlay(path.join(host.paths.root, "srv/plain.qcow2"), path.join(host.paths.baseDir, "gone")),
    found: ["error base-missing"],
    what: /^plain has the disk .*plain.qcow2, which is backed by .*gone, which is missing/,
  },
};

describe("doctor", () => {
  let host: HostFixture;
  const open = async (libvirt?: Case["libvirt"]): Promise<void> => {
    host = await openHostFixture(libvirt ?? ((root) => ({ pools: [poolOf(root)] })));
    await installAndRemove(host, ["1.0"], []);
    await put(record(host), "status: complete\n");
  };
  afterEach(() => host[Symbol.asyncDispose]());
  /** This machine's own programs and space are none of the test's. */
  const ofHost = (findings: readonly Finding[]): readonly Finding[] =>
    findings.filter(({ code }) => !/^(?:space|program)-/.test(code));
  const register = async (): Promise<void> =>
    put(path.join(host.paths.stateDir, "registered/web-appliance-0.9-1"), "status: complete\n");

  it("finds nothing on a host that is in order", async () => {
    await open();
    await createVm(await host.open(), request());
    const { findings, versions } = await diagnose(await host.open(), CHANGED);
    assert.deepEqual(ofHost(findings), []);
    assert.match(versions["qemu-img"] ?? "", /^\d+\.\d+/);
    assert.equal(versions["node"], process.versions.node);
  });

  for (const [what, { libvirt, breakIt, found, what: message }] of Object.entries(cases)) {
    it(`finds ${what}`, async () => {
      await open(libvirt);
      await register();
      await breakIt(host);
      const { findings } = await diagnose(await host.open(), CHANGED);
      const own = ofHost(findings);
      assert.deepEqual(own.map(({ severity, code }) => `${severity} ${code}`).sort(), found);
      assert.match(own.map((each) => `${each.subject} ${each.what}`).join("\n"), message);
      for (const { todo } of own) assert.notEqual(todo, "");
    });
  }

  it("asks libvirt for all domains once", async () => {
    await open();
    await createVm(await host.open(), request());
    const survey = host.libvirt.surveyDomains.bind(host.libvirt);
    let asked = 0;
    host.libvirt.surveyDomains = (options) => {
      asked += 1;
      return survey(options);
    };
    await diagnose(await host.open(), CHANGED);
    assert.equal(asked, 1);
  });

  it("makes checks that do not depend on each other at the same time", async () => {
    await open();
    const programs = 5;
    let started = 0;
    let release = (): void => {};
    const allStarted = new Promise<void>((resolve) => (release = resolve));
    const context = testContext();
    const run: typeof context.run = async (file, args, options) => {
      if (args[0] !== "--version") return context.run(file, args, options);
      started += 1;
      if (started === programs) release();
      await allStarted;
      return { stdout: "9.9", stderr: "", exitCode: 0 };
    };
    const survey = host.libvirt.surveyDomains.bind(host.libvirt);
    host.libvirt.surveyDomains = async (options) => {
      await allStarted;
      return survey(options);
    };
    const opened = await host.open();
    await diagnose({ ...opened, context: testContext({ run }) }, CHANGED);
    assert.equal(started, programs);
  });

  it("reads bases only when they look changed, or when asked to", async () => {
    await open();
    const file = base(host, "data.raw");
    const clock = path.join(host.paths.root, "clock");
    await writeFile(clock, "");
    await testContext().run("touch", ["-r", file, clock]);
    await tamper(file);
    await testContext().run("touch", ["-r", clock, file]);
    assert.deepEqual(ofHost((await diagnose(await host.open(), CHANGED)).findings), []);
    const verified = await diagnose(await host.open(), { hash: "always" });
    assert.deepEqual(
      ofHost(verified.findings).map(({ code }) => code),
      ["base-changed"],
    );
  });

  it("finds what a killed process was writing, and removes it", async () => {
    await open();
    const file = path.join(host.paths.stateDir, "bases", "one");
    const script = `
      import { writeAtomically } from "./src/lib/atomic.ts";
      await writeAtomically(process.argv[1], () => process.kill(process.pid, "SIGKILL"));
    `;
    const program = ["--import", "tsx", "--input-type=module", "-e", script, file];
    await assert.rejects(testContext().run("node", program), { code: "LIB_EXEC_FAILED" });
    await writeAtomically(path.join(host.paths.stateDir, "two"), async () => {
      const { findings, repaired } = await faceOf(await host.open()).repair(CHANGED);
      assert.deepEqual(ofHost(findings), []);
      assert.deepEqual(
        repaired.map(({ code }) => code),
        ["leftover"],
      );
      assert.match(repaired[0]?.subject ?? "", /\/bases\/\.one\..*\.tmp$/);
      const kept = (await readdir(host.paths.stateDir)).filter((name) => name.endsWith(".tmp"));
      assert.equal(kept.length, 1, "what a living process writes stays");
    });
  });

  it("an operation in progress is not reported as interrupted", async () => {
    await open();
    await createVm(await host.open(killingHook(6, "after")), request()).catch(() => undefined);
    await using _lock = await lockVm(await host.open(), "vm1", { purpose: "create" });
    assert.deepEqual(ofHost((await diagnose(await host.open(), CHANGED)).findings), []);
  });

  it("repairs what is safe, and leaves the rest", async () => {
    await open();
    await createVm(await host.open(killingHook(6, "after")), request()).catch(() => undefined);
    await chmod(base(host, "system.qcow2"), 0o664);
    await tamper(base(host, "data.raw"));
    await chmod(base(host, "data.raw"), 0o600);
    const { findings, repaired } = await faceOf(await host.open()).repair(CHANGED);
    assert.deepEqual(
      repaired.map(({ code }) => code),
      ["operation-interrupted", "base-mode", "base-mode"],
    );
    assert.deepEqual(
      ofHost(findings).map(({ code }) => code),
      ["base-changed"],
    );
    assert.equal((await stat(base(host, "system.qcow2"))).mode & 0o777, 0o444);
    assert.deepEqual(await host.libvirt.listDomains(), []);
  });

  it("reports low space once for each file system", async () => {
    await open();
    const gib = 1024 ** 3;
    const opened = await host.open();
    const check = async (freeBytes: number, totalBytes: number): Promise<number> =>
      (await checkSpace(opened, async () => ({ freeBytes, totalBytes }))).length;
    assert.equal(await check(gib / 2, gib), 1);
    assert.equal(await check(4 * gib, 100 * gib), 1);
    assert.equal(await check(6 * gib, 100 * gib), 0);
    assert.equal(await check(60 * gib, 10_000 * gib), 0);
  });

  it("compares versions by number", () => {
    for (const [version, least, expected] of [
      ["5.1", "5.1", true],
      ["10.0.3", "5.1", true],
      ["5.0.99", "5.1", false],
      ["8", "8.9", false],
      ["9", "8.9", true],
    ] as const)
      assert.equal(isAtLeast(version, least), expected, `${version} ${least}`);
  });
});

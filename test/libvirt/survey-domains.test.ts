import assert from "node:assert/strict";
import { chmod, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { makeRun, type Run } from "../../src/lib/exec.ts";
import {
  documentsOf,
  type DomainSurvey,
  type Libvirt,
  openLibvirt,
  parseDomain,
} from "../../src/libvirt/index.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder, withFolder } from "../support/temporary.ts";

interface TestDomain {
  readonly name: string;
  readonly description?: string;
  readonly snapshot?: string;
  readonly state?: "off";
  /** Last digits of its UUID. */
  readonly id: number;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

function uuidOf(id: number): string {
  return `6695eb01-f6a4-8304-79aa-${String(id).padStart(12, "0")}`;
}

function coreOf({ name, id, description }: TestDomain): string {
  const said =
    description === undefined ? "" : `<description>${escapeXml(description)}</description>`;
  return `<name>${escapeXml(name)}</name><uuid>${uuidOf(id)}</uuid>${said}<memory>1</memory><os><type>hvm</type></os>`;
}

/** A host for libvirt's own test driver, which reads it anew in every process. */
function renderHost(domains: readonly TestDomain[]): string {
  const cpu =
    "<cpu><mhz>1</mhz><model>m</model><active>1</active><nodes>1</nodes><sockets>1</sockets><cores>1</cores><threads>1</threads><mem>1</mem></cpu>";
  const rendered = domains.map((domain) => {
    const runstate = domain.state === "off" ? "<test:runstate>5</test:runstate>" : "";
    const snapshot =
      domain.snapshot === undefined
        ? ""
        : `<test:domainsnapshot><name>${escapeXml(domain.snapshot)}</name><active>1</active><creationTime>1</creationTime><state>shutoff</state><domain type='test'>${coreOf(domain)}</domain></test:domainsnapshot>`;
    return `<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>${coreOf(domain)}${runstate}${snapshot}</domain>`;
  });
  return `<node>${cpu}${rendered.join("\n")}</node>`;
}

const odd: readonly TestDomain[] = [
  { id: 1, name: `a 'b' "c"; echo x $(id) <&>`, description: "error: no domain", state: "off" },
  { id: 2, name: "1", description: "@0@\n</domain>\nerror: @0@" },
  { id: 3, name: " spaces  around ", snapshot: `it's "one"; two`, state: "off" },
  { id: 4, name: uuidOf(1), state: "off" },
  { id: 5, name: "--help", snapshot: "-x" },
  { id: 6, name: "#no comment\\", description: "ü \\' ;" },
];

describe("reading all domains", () => {
  const folder = temporaryFolder();
  let file: string;
  const put = (domains: readonly TestDomain[]): Promise<void> =>
    writeFile(file, renderHost(domains));
  const open = (run?: Run): Libvirt =>
    openLibvirt(testContext(run === undefined ? {} : { run }), { uri: `test://${file}` });
  /** A run that tells which process this is before it begins; from 1. */
  const watched = (onRun: (count: number) => Promise<void> | void): Run => {
    const { run } = testContext();
    let count = 0;
    return async (...args) => {
      await onRun(++count);
      return run(...args);
    };
  };
  const namesOf = (survey: DomainSurvey): readonly string[] =>
    survey.domains.map(({ name }) => name);

  before(async () => {
    file = path.join(folder, "host.xml");
  });

  it("returns name, document and state of each domain, whatever its name", async () => {
    await put(odd);
    const { domains, failures } = await open().surveyDomains({ depth: "everything" });
    assert.deepEqual(failures, []);
    const expected = odd.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    assert.deepEqual(
      domains.map(({ name, uuid, isActive }) => [name, uuid, isActive]),
      expected.map(({ name, id, state }) => [name, uuidOf(id), state !== "off"]),
    );
    for (const [index, dump] of domains.entries()) {
      const { description, snapshot } = expected[index] ?? assert.fail();
      assert.equal(parseDomain(dump.xml).uuid, dump.uuid);
      assert.equal(parseDomain(dump.xml).description, description?.trim());
      assert.equal(dump.liveXml !== undefined, dump.isActive);
      assert.equal(dump.snapshots.length, snapshot === undefined ? 0 : 1);
      if (snapshot !== undefined) assert.ok(dump.snapshots[0]?.includes("<domainsnapshot>"));
      assert.equal(documentsOf(dump).length, 1 + Number(dump.isActive) + dump.snapshots.length);
    }
  });

  it("reads only the next start when that is enough", async () => {
    await put(odd);
    const { domains } = await open().surveyDomains({ depth: "next start" });
    assert.equal(domains.length, odd.length);
    assert.ok(domains.every((dump) => documentsOf(dump).length === 1));
  });

  it("takes as many processes for 200 domains as for one, and tells how far it is", async () => {
    const many = Array.from({ length: 200 }, (_, index): TestDomain => {
      return { id: index + 1, name: `vm${index}`, snapshot: "s", description: "t".repeat(200) };
    });
    const counts: number[] = [];
    for (const domains of [many.slice(0, 1), many]) {
      await put(domains);
      let runs = 0;
      const run = watched((count) => void (runs = count));
      const seen: number[] = [];
      const survey = await open(run).surveyDomains({
        depth: "everything",
        onProgress: ({ done, total }) => seen.push(done / total),
      });
      assert.equal(survey.domains.length, domains.length);
      assert.equal(seen.filter((share) => share === 1).length, 2);
      assert.ok(seen.every((share) => share > 0 && share <= 1));
      counts.push(runs);
    }
    assert.deepEqual(counts, [3, 3]);
  });

  it("leaves out a domain that is undefined during the survey, and finds one that is defined again", async () => {
    const [first, second] = [
      { id: 1, name: "stays" },
      { id: 2, name: "goes" },
    ] as const;
    for (const [later, expected] of [
      [[first], ["stays"]],
      [
        [first, { ...second, id: 3 }],
        ["goes", "stays"],
      ],
      [
        [first, { ...second, name: "renamed" }],
        ["renamed", "stays"],
      ],
    ] as const) {
      await put([first, second]);
      const run = watched((count) => (count === 2 ? put(later) : undefined));
      const survey = await open(run).surveyDomains({ depth: "everything" });
      assert.deepEqual([namesOf(survey), survey.failures], [expected, []]);
    }
  });

  it("names a domain that could not be read whole, and reads the others", async () => {
    const domain: TestDomain = { id: 1, name: "vm1", snapshot: "s" };
    await put([domain, { id: 2, name: "vm2" }]);
    const bare = { id: 1, name: "vm1" };
    const run = watched((count) => (count === 3 ? put([bare]) : undefined));
    const survey = await open(run).surveyDomains({ depth: "everything" });
    assert.deepEqual(namesOf(survey), ["vm2"]);
    assert.deepEqual(
      survey.failures.map(({ domain: name, error }) => [name, error.code]),
      [["vm1", "LIBVIRT_FAILED"]],
    );
    const { uuid, xml } = survey.failures[0]?.definition ?? {};
    assert.equal(uuid, uuidOf(1));
    assert.equal(parseDomain(xml ?? "").name, "vm1", "its definition could be read");
  });

  it("fails, instead of an empty list, when libvirt stops during the survey", async () => {
    for (const at of [1, 2, 3]) {
      await put(odd);
      const run = watched((count) => (count === at ? rm(file) : undefined));
      await assert.rejects(open(run).surveyDomains({ depth: "everything" }), {
        code: "LIBVIRT_UNREACHABLE",
      });
    }
  });

  it("queries domains one by one if virsh does not accept several", async () => {
    await put(odd);
    const expected = await open().surveyDomains({ depth: "everything" });
    const old = path.join(folder, "virsh");
    await writeFile(
      old,
      `#!/bin/sh
case "$*" in *--err*) echo "error: command 'echo' doesn't support option --err" >&2; exit 1 ;; esac
exec /usr/bin/virsh "$@"
`,
    );
    await chmod(old, 0o755);
    const run = makeRun(`${folder}:/usr/bin:/bin`, new AbortController().signal);
    assert.deepEqual(await open(run).surveyDomains({ depth: "everything" }), expected);
  });
});

describe("what virsh says", () => {
  const connect = "error: failed to connect to the hypervisor";
  for (const [said, code] of [
    [`${connect}\nerror: authentication unavailable: no polkit agent available`, "LIBVIRT_DENIED"],
    [`${connect}\nerror: authentication failed: access denied by policy`, "LIBVIRT_DENIED"],
    [
      `${connect}\nerror: Failed to connect socket to '/run/libvirt/libvirt-sock': Permission denied`,
      "LIBVIRT_DENIED",
    ],
    [
      `${connect}\nerror: Failed to connect socket to '/run/libvirt/libvirt-sock': No such file or directory`,
      "LIBVIRT_UNREACHABLE",
    ],
    ["error: failed to get domain 'x'", "LIBVIRT_UNKNOWN"],
    ["error: Failed to start domain 'x'\nerror: disk.qcow2: Permission denied", "LIBVIRT_FAILED"],
  ] as const) {
    it(
      `is ${code}: ${said.split("\n").at(-1)}`,
      withFolder(async (folder) => {
        await writeFile(path.join(folder, "said"), `${said}\n`);
        const virsh = path.join(folder, "virsh");
        await writeFile(virsh, `#!/bin/sh\ncat '${folder}/said' >&2\nexit 1\n`);
        await chmod(virsh, 0o755);
        const run = makeRun(`${folder}:/usr/bin:/bin`, new AbortController().signal);
        const libvirt = openLibvirt(testContext({ run }));
        await assert.rejects(libvirt.startDomain("x"), { code });
        await assert.rejects(libvirt.surveyDomains({ depth: "next start" }), { code });
      }),
    );
  }
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { anyPlan } from "./any-plan.ts";
import { compareTags, type Exemptions, permitted, withoutDirectorySizes } from "./compare-tags.ts";
import { readRpm } from "../../src/rpm/index.ts";
import type { PackagePlan, PlannedEntry } from "../../src/package/index.ts";
import {
  BUILD_TIME_SECONDS,
  buildInto,
  directory,
  ghost,
  hardLink,
  packagePlan,
  stagedFile,
  symlink,
  textFile,
} from "../fixtures/package-plan.ts";
import { realPlans, realStaged } from "./rpm-real-plans.ts";
import { newFolderIn, temporaryFolder } from "../support/temporary.ts";

const byPath = (a: PlannedEntry, b: PlannedEntry): number =>
  Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));

const plans: Readonly<Record<string, PackagePlan>> = {
  "an image package": packagePlan({
    name: "web-appliance",
    epoch: 2,
    version: "1.2~rc1",
    release: "3.fc40",
    arch: "x86_64",
    summary: "A web server, 100% virtual",
    description: "First line.\n\n  Indented: 50%% & ünï\n\tlast line\n",
    vendor: "Example & Söhne",
    packager: "Builder <builder@example.com>",
    url: "https://example.com/web",
    provides: [
      { name: "installonlypkg(vm)" },
      { name: "bundled(nginx)", comparison: "=", version: "1.26.0-1" },
    ],
    requires: [
      { name: "virt-appliance-host", comparison: ">=", version: "0.1", phases: ["post", "preun"] },
      { name: "/usr/bin/zstd", phases: ["post"] },
      { name: "virt-appliance-host" },
      { name: "(libvirt-daemon or libvirt)" },
    ],
    conflicts: [{ name: "web-image", comparison: "<", version: "1:2" }],
    obsoletes: [{ name: "old-web-appliance", comparison: "<=", version: "0.9-1" }],
    recommends: [
      { name: "virt-appliance" },
      { name: "virt-install", comparison: ">", version: "4.0" },
    ],
    suggests: [{ name: "virt-manager" }],
    supplements: [{ name: "(virt-appliance-host and nginx)" }],
    enhances: [{ name: "virt-appliance", comparison: "=", version: "0.1^git1" }],
    entries: [
      directory("/usr/share/virt-appliance/catalog.d/web-appliance-1.2~rc1-3.fc40"),
      textFile(
        "/usr/share/virt-appliance/catalog.d/web-appliance-1.2~rc1-3.fc40/COPYING",
        "free\n",
        {
          attributes: ["license"],
        },
      ),
      textFile(
        "/usr/share/virt-appliance/catalog.d/web-appliance-1.2~rc1-3.fc40/README",
        "hello\n",
        {
          attributes: ["doc", "readme"],
        },
      ),
      textFile(
        "/usr/share/virt-appliance/catalog.d/web-appliance-1.2~rc1-3.fc40/appliance.xml",
        "<image/>\n",
      ),
      directory("/var/lib/libvirt/images/appliances/payload/web-appliance"),
      stagedFile("/var/lib/libvirt/images/appliances/payload/web-appliance/empty.img", "empty.img"),
      symlink("/var/lib/libvirt/images/appliances/payload/web-appliance/link", "system.qcow2"),
      stagedFile(
        "/var/lib/libvirt/images/appliances/payload/web-appliance/system.qcow2",
        "system.qcow2",
        {
          verifyExcept: ["user", "group"],
        },
      ),
      stagedFile(
        "/var/lib/libvirt/images/appliances/payload/web-appliance-data.qcow2",
        "data/data.qcow2",
        {
          mode: 0o4640,
          user: "qemu",
          group: "kvm",
        },
      ),
    ].sort(byPath),
    scriptlets: {
      post: { interpreter: ["/bin/sh"], body: "echo ${1%%x} 100%\n\nexit 0\n\n" },
      preun: { interpreter: ["/bin/bash", "-e"], body: "true" },
    },
  }),
  "a host package": packagePlan({
    name: "virt-appliance-host",
    version: "0.1",
    entries: [
      textFile("/etc/virt-appliance.conf", "A=1\n", { attributes: ["config"] }),
      directory("/etc/virt-appliance"),
      textFile("/etc/virt-appliance/host.conf", "B=2\n", {
        attributes: ["config", "noreplace"],
        mode: 0o600,
        verifyExcept: ["digest", "size", "mtime"],
      }),
      directory("/var/lib/virt-appliance", { mode: 0o750, verifyExcept: ["mode"] }),
      ghost("/var/lib/virt-appliance/state", { verifyExcept: ["mode"] }),
    ].sort(byPath),
    scriptlets: {
      pretrans: { interpreter: ["<lua>"], body: 'print("x")' },
      pre: { interpreter: ["/bin/sh"], body: "a" },
      post: { interpreter: ["/bin/sh"], body: "b" },
      preun: { interpreter: ["/bin/sh"], body: "c" },
      postun: { interpreter: ["/usr/sbin/ldconfig"], body: "" },
      posttrans: { interpreter: ["/bin/sh"], body: "e" },
      verify: { interpreter: ["/bin/sh"], body: "f" },
    },
    packageTriggers: [
      {
        event: "in",
        interpreter: ["/bin/sh"],
        body: "echo 100%\n",
        packages: [
          { name: "libvirt", comparison: ">=", version: "1:9.0~rc1-1" },
          { name: "/usr/bin/qemu" },
          { name: "libvirt", comparison: "<", version: "1:8" },
        ],
      },
      { event: "prein", interpreter: ["<lua>"], body: "print(1)", packages: [{ name: "libvirt" }] },
      { event: "un", interpreter: ["/usr/bin/true"], body: "", packages: [{ name: "a(x-64)" }] },
      {
        event: "postun",
        interpreter: ["/bin/sh"],
        body: "echo",
        packages: [{ name: "libvirt", comparison: "=", version: "2^git1" }],
      },
      { event: "in", interpreter: ["/bin/sh"], body: "echo", packages: [{ name: "Zebra" }] },
    ],
    fileTriggers: [
      {
        scope: "transaction",
        event: "in",
        interpreter: ["/bin/sh"],
        body: "cat >/dev/null\nreconcile || :",
        paths: ["/usr/share/virt-appliance/catalog.d"],
      },
      {
        scope: "transaction",
        event: "postun",
        interpreter: ["<lua>"],
        body: "local f = rpm.next_file()",
        paths: ["/usr/share/virt-appliance/catalog.d", "/usr/share/osinfo"],
        priority: 5,
      },
      {
        scope: "file",
        event: "in",
        interpreter: ["/bin/bash"],
        body: "cat",
        paths: ["/usr/lib/z", "/usr/lib/a"],
        priority: 2000000,
      },
      { scope: "file", event: "un", interpreter: ["/bin/sh"], body: "", paths: ["/usr/lib/a"] },
    ],
    changelog: [
      {
        timeSeconds: BUILD_TIME_SECONDS - 86400,
        author: "Builder <builder@example.com> 0.1-1",
        text: "- first\n  and 100%",
      },
      {
        timeSeconds: BUILD_TIME_SECONDS - 864000,
        author: "Builder <b@example.com>",
        text: "- zero",
      },
    ],
  }),
  "a program with capabilities": packagePlan({
    entries: [
      textFile("/opt/a", "a"),
      textFile("/opt/b", "b", { mode: 0o755, capabilities: "cap_net_bind_service=ep" }),
      directory("/opt/c"),
    ],
  }),
  "files with several names": packagePlan({
    entries: [
      hardLink("/opt/a", stagedFile("/opt/m", "system.qcow2")),
      textFile("/opt/b", "b"),
      textFile("/opt/c", "c", { capabilities: "cap_chown=p" }),
      hardLink("/opt/d", textFile("/opt/c", "c", { capabilities: "cap_chown=p" })),
      hardLink("/opt/e", textFile("/opt/c", "c", { capabilities: "cap_chown=p" })),
      hardLink("/opt/f", textFile("/opt/z", "")),
      stagedFile("/opt/m", "system.qcow2"),
      hardLink("/opt/n", stagedFile("/opt/m", "system.qcow2")),
      textFile("/opt/z", ""),
    ],
  }),
  "a gzip payload": packagePlan({
    payload: { compressor: "gzip", level: 6 },
    entries: [textFile("/opt/text", "x".repeat(100000))],
  }),
  "a zstd payload": packagePlan({
    payload: { compressor: "zstd", level: 3 },
    entries: [textFile("/opt/text", "x".repeat(100000))],
  }),
  "files that rpmbuild strips, compresses or searches by default": packagePlan({
    arch: "x86_64",
    entries: [
      stagedFile("/usr/bin/elf", "elf", { mode: 0o755 }),
      textFile("/usr/bin/script", "#!/usr/bin/python3 -s\nimport os\n", { mode: 0o755 }),
      textFile("/usr/lib64/libx.la", "dlname='x'\n"),
      textFile("/usr/share/man/man1/x.1", ".TH x 1\n"),
    ],
  }),
  "no files at all": packagePlan({ name: "empty" }),
};

const staged: Readonly<Record<string, Buffer>> = {
  "system.qcow2": Buffer.alloc(700001, "disk"),
  "data/data.qcow2": Buffer.alloc(4096, 1),
  "empty.img": Buffer.alloc(0),
  elf: readFileSync("/bin/true"),
};

describe("a package by the native writer and by rpmbuild", () => {
  const folder = temporaryFolder();
  async function compare(
    plan: PackagePlan,
    stagedContent: Readonly<Record<string, string | Buffer>>,
    extra: Exemptions = {},
  ): Promise<void> {
    const root = await newFolderIn(folder);
    const ours = await readRpm((await buildInto(root, plan, { staged: stagedContent })).path);
    const engine = { engine: "rpmbuild" } as const;
    const theirs = await readRpm(
      (await buildInto(root, plan, { staged: stagedContent, engine })).path,
    );
    assert.deepEqual(withoutDirectorySizes(ours), withoutDirectorySizes(theirs));
    compareTags(ours, theirs, { ...permitted(plan.payload), ...extra });
    assert.equal(ours.headerStart, theirs.headerStart, "room for signatures");
    assert.deepEqual({ ...ours.lead }, { ...theirs.lead });
  }

  for (const [title, plan] of Object.entries(plans)) {
    it(`agree in every tag, or have a reason not to: ${title}`, () => compare(plan, staged));
  }

  it("agree in every tag, or have a reason not to: plans made at random", async () => {
    await fc.assert(
      fc.asyncProperty(anyPlan, (plan) => compare(plan, {})),
      { numRuns: Number(process.env["FUZZ"] ?? 30), seed: 20_260_102 },
    );
  });

  it("agree in every tag, or have a reason not to: the packages that users get", async () => {
    for (const plan of await realPlans()) {
      await compare(plan, realStaged, {
        "main PAYLOADSHA256": { how: "other", why: "templates come last in our archive" },
      });
    }
  });
});

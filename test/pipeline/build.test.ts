import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { type Appliance, renderDescriptor } from "../../src/appliance/index.ts";
import { ApplianceError } from "../../src/errors.ts";
import { openTemporaryFolder } from "../../src/lib/atomic.ts";
import { buildAppliance, type BuildOptions, planBuild } from "../../src/pipeline/index.ts";
import { packDirectory } from "../../src/source/index.ts";
import { testContext } from "../support/context.ts";
import { sampleAppliance } from "../fixtures/sample-appliance.ts";
import { newFolderIn, temporaryFolder } from "../support/temporary.ts";

const run = promisify(execFile);
const MIB = 2 ** 20;

const appliance: Appliance = {
  ...sampleAppliance,
  disks: sampleAppliance.disks.map((disk) => ({ ...disk, sizeBytes: 64 * MIB })),
  boots: sampleAppliance.boots.map((boot) => ({
    ...boot,
    drives: sampleAppliance.disks.map((disk) => ({ disk: disk.id, target: undefined, line: 1 })),
  })),
};

async function writeSparse(file: string, text: string): Promise<void> {
  const handle = await open(file, "w");
  try {
    await handle.truncate(64 * MIB);
    await handle.write(text.repeat(1000), 5 * MIB);
  } finally {
    await handle.close();
  }
}

async function queryRpm(file: string, ...args: string[]): Promise<string> {
  return (await run("rpm", ["-qp", "--nosignature", ...args, file])).stdout;
}

describe("buildAppliance", () => {
  const context = testContext();
  const folder = temporaryFolder();
  let source = "";
  let output = "";
  const options = (): BuildOptions => ({
    outputFolder: output,
    package: { buildTimeSeconds: 1_700_000_000 },
    images: { keepRaw: false, compression: "zstd" },
  });

  before(async () => {
    source = path.join(folder, "web");
    await mkdir(source);
    await writeFile(path.join(source, "appliance.xml"), renderDescriptor(appliance));
    await writeFile(path.join(source, "README.md"), "read me\n");
    await writeSparse(path.join(source, "root.raw"), "root file system ");
    await writeSparse(path.join(source, "data.raw"), "data ");
  });
  beforeEach(async () => {
    output = await newFolderIn(folder);
  });

  it("makes a package that rpm accepts, from a directory", async () => {
    const { path: rpm } = await buildAppliance(source, options(), context);
    assert.equal(rpm, path.join(output, "web-appliance-1.2-3.x86_64.rpm"));
    assert.match((await run("rpm", ["-K", rpm])).stdout, /digests OK/);
    assert.deepEqual((await queryRpm(rpm, "-l")).trimEnd().split("\n"), [
      "/usr/share/osinfo/os/virt-appliance/web-1.2-3.xml",
      "/usr/share/virt-appliance/catalog.d/web-appliance-1.2-3",
      "/usr/share/virt-appliance/catalog.d/web-appliance-1.2-3/README.md",
      "/usr/share/virt-appliance/catalog.d/web-appliance-1.2-3/appliance.xml",
      "/usr/share/virt-appliance/catalog.d/web-appliance-1.2-3/catalogue.json",
      "/usr/share/virt-appliance/catalog.d/web-appliance-1.2-3/payload",
      "/var/lib/libvirt/images/appliances/payload/web-appliance",
      "/var/lib/libvirt/images/appliances/payload/web-appliance/1.2-3",
      "/var/lib/libvirt/images/appliances/payload/web-appliance/1.2-3/data.qcow2",
      "/var/lib/libvirt/images/appliances/payload/web-appliance/1.2-3/root.qcow2",
      "/var/lib/libvirt/images/appliances/payload/web-appliance/1.2-3/unpack.list",
    ]);
    assert.deepEqual(await readdir(output), [path.basename(rpm)], "nothing temporary is left");
  });

  it("names a file that blocks the package's path, and leaves nothing behind", async () => {
    const target = path.join(output, "web-appliance-1.2-3.x86_64.rpm");
    await mkdir(target);
    await assert.rejects(buildAppliance(source, options(), context), {
      code: "LIB_IO",
      message: new RegExp(`^${target}: `),
    });
    assert.deepEqual(await readdir(output), [path.basename(target)]);
  });

  it("makes the same bytes twice, from the directory and from its tarball", async () => {
    const tarball = path.join(folder, "web.tar.gz");
    await packDirectory(source, tarball, { context });
    const digests: string[] = [];
    for (const from of [source, source, tarball]) {
      const { path: rpm } = await buildAppliance(from, options(), context);
      digests.push(
        createHash("sha256")
          .update(await readFile(rpm))
          .digest("hex"),
      );
    }
    assert.equal(digests[0], digests[1]);
    const payload = async (from: string): Promise<string> => {
      const { path: rpm } = await buildAppliance(from, options(), context);
      return queryRpm(rpm, "--queryformat", "[%{FILENAMES} %{FILEDIGESTS}\n]");
    };
    const disks = (text: string): string[] => text.split("\n").filter((line) => /qcow2/.test(line));
    assert.deepEqual(disks(await payload(tarball)), disks(await payload(source)));
  });

  it("writes sizes and digests of the disks into the list that the host unpacks by", async () => {
    const { path: rpm } = await buildAppliance(source, options(), context);
    const unpacked = path.join(output, "unpacked");
    await mkdir(unpacked);
    await run("sh", ["-c", 'rpm2cpio "$1" | cpio -id --quiet', "sh", rpm], { cwd: unpacked });
    const payload = path.join(
      unpacked,
      "var/lib/libvirt/images/appliances/payload/web-appliance/1.2-3",
    );
    const list = await readFile(path.join(payload, "unpack.list"), "utf8");
    for (const line of list.trimEnd().split("\n")) {
      const [action, name = "", target, bytes, sha256] = line.split("\t");
      const content = await readFile(path.join(payload, name));
      assert.equal(action, "link");
      assert.equal(target, `web-appliance-1.2-3-${name}`);
      assert.equal(Number(bytes), content.length);
      assert.equal(sha256, createHash("sha256").update(content).digest("hex"));
    }
    const catalogue: unknown = JSON.parse(
      await readFile(
        path.join(
          unpacked,
          "usr/share/virt-appliance/catalog.d/web-appliance-1.2-3/catalogue.json",
        ),
        "utf8",
      ),
    );
    assert.ok(typeof catalogue === "object" && catalogue !== null && "bases" in catalogue);
    assert.ok(Array.isArray(catalogue.bases) && catalogue.bases.length === 2);
  });

  it("ships raw disks compressed, with the digest of what they expand to", async () => {
    const request = { ...options(), images: { keepRaw: true, compression: "zstd" } as const };
    const { plan } = await buildAppliance(source, request, context);
    const list = plan.entries.find((entry) => entry.path.endsWith("unpack.list"));
    assert.ok(list?.kind === "file" && list.source.kind === "template");
    const root = await readFile(path.join(source, "root.raw"));
    const digest = createHash("sha256").update(root).digest("hex");
    assert.ok(
      list.source.text.includes(
        `expand\troot.raw.zst\tweb-appliance-1.2-3-root.raw\t${64 * MIB}\t${digest}\n`,
      ),
    );
  });

  it("ships a qcow2 disk as it is, from a tarball into a folder named relatively", async () => {
    const ready = path.join(folder, "ready");
    await mkdir(ready);
    const [root] = appliance.disks;
    assert.ok(root);
    const disk = { ...root, file: "root.qcow2", format: "qcow2" } as const;
    const boots = appliance.boots.map((boot) => ({ ...boot, drives: boot.drives.slice(0, 1) }));
    await writeFile(
      path.join(ready, "appliance.xml"),
      renderDescriptor({ ...appliance, disks: [disk], boots }),
    );
    const convert = ["convert", "-c", "-O", "qcow2", "-f", "raw", path.join(source, "root.raw")];
    await run("qemu-img", [...convert, path.join(ready, "root.qcow2")]);
    const tarball = path.join(folder, "ready.tar");
    await packDirectory(ready, tarball, { context });
    const relative = path.relative(process.cwd(), output);
    const { path: rpm } = await buildAppliance(
      tarball,
      { ...options(), outputFolder: relative },
      context,
    );
    assert.match(await queryRpm(rpm, "-l"), /root\.qcow2/);
  });

  it("warns when it replaces an earlier build that differs", async () => {
    const warnings: string[] = [];
    const watching = testContext({
      logger: { info: () => {}, debug: () => {}, warn: (text) => warnings.push(text) },
    });
    await buildAppliance(source, options(), watching);
    await buildAppliance(source, options(), watching);
    assert.deepEqual(warnings, []);
    const request = { ...options(), images: { keepRaw: true, compression: "zstd" } as const };
    await buildAppliance(source, request, watching);
    assert.match(warnings.join("\n"), /replaces an earlier build/);
  });

  it("removes what a build that was killed left there", async () => {
    const own = await openTemporaryFolder(output);
    const { pid } = spawnSync("true");
    const dead = own.path.replace(`-${process.pid}-`, `-${pid}-`);
    await mkdir(dead);
    await buildAppliance(source, options(), context);
    const left = await readdir(output);
    assert.ok(left.includes(path.basename(own.path)), "what belongs to a process that lives stays");
    assert.ok(!left.includes(path.basename(dead)), left.join(" "));
    await own[Symbol.asyncDispose]();
  });

  it("prints the plan without writing anything", async () => {
    const { plan } = await planBuild(source, options(), context);
    assert.equal(plan.name, "web-appliance");
    assert.deepEqual(await readdir(output), []);
  });

  it("leaves nothing when the source is refused, or when it is interrupted", async () => {
    const bad = path.join(folder, "bad");
    await mkdir(bad);
    await writeFile(path.join(bad, "appliance.xml"), renderDescriptor(appliance));
    await assert.rejects(
      buildAppliance(bad, options(), context),
      (error) => error instanceof ApplianceError && error.code.startsWith("SOURCE_"),
    );
    const aborted = testContext({ signal: AbortSignal.abort() });
    await assert.rejects(
      buildAppliance(source, options(), aborted),
      (error) => error instanceof ApplianceError && error.code === "LIB_INTERRUPTED",
    );
    assert.deepEqual(await readdir(output), []);
  });

  it("leaves no unsigned package behind when signing fails", async () => {
    const signer = {
      fingerprint: "0".repeat(40),
      keyId: "0".repeat(16),
      algorithm: "RSA",
      publicKey: "",
      sign: () => Promise.reject(new ApplianceError("SIGN_KEY_EXPIRED", "key: expired")),
    } as unknown as NonNullable<BuildOptions["signer"]>;
    await assert.rejects(buildAppliance(source, { ...options(), signer }, context));
    assert.deepEqual(await readdir(output), []);
  });
});

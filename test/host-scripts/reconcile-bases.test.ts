import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { HostTree, type InstalledAppliance, RECONCILE, sha256 } from "../fixtures/host-tree.ts";
import { openFolder, temporaryFolder } from "../support/temporary.ts";

const web: InstalledAppliance = {
  package: "web-appliance",
  versionRelease: "1.0-1",
  payload: { "system.qcow2": "system 1.0", vmlinuz: "kernel" },
};
const SYSTEM = "web-appliance-1.0-1-system.qcow2";

describe("reconcile, unpacking", () => {
  const root = temporaryFolder({ per: "test" });
  let host: HostTree;
  beforeEach(() => void (host = new HostTree(root)));

  it("links every file of the list into the pool, read-only, and records it", async () => {
    await host.install(web);
    const answer = await host.reconcile();
    assert.deepEqual([answer.exitCode, answer.stderr], [0, ""]);
    const [base, payload] = [
      await stat(host.base(SYSTEM), { bigint: true }),
      await stat(host.payload(web, "system.qcow2"), { bigint: true }),
    ];
    assert.equal(base.ino, payload.ino);
    assert.equal(base.mode & 0o777n, 0o444n);
    assert.equal(await readFile(host.base("web-appliance-1.0-1-vmlinuz"), "utf8"), "kernel");
    assert.equal(
      await host.read(`var/lib/virt-appliance/bases/${SYSTEM}`),
      `sha256=${sha256("system 1.0")}\nbytes=10\ninode=${base.ino}\nmtime=${String(base.mtimeNs).replace(/(?=.{9}$)/, ".")}\n`,
    );
  });

  it("changes nothing the second time", async () => {
    await host.install(web);
    await host.reconcile();
    const facts = async (): Promise<string> => JSON.stringify(await stat(host.base(SYSTEM)));
    const before = await facts();
    const answer = await host.reconcile();
    assert.deepEqual(answer, {
      exitCode: 0,
      stdout: "web-appliance-1.0-1: complete\n",
      stderr: "",
    });
    assert.equal(await facts(), before);
  });

  it("unpacks only the package that is named, and leaves registration alone", async () => {
    const other = { ...web, versionRelease: "1.1-1" };
    await host.install(web);
    await host.install(other);
    assert.equal((await host.reconcile("--quiet", "--package", "web-appliance-1.1-1")).exitCode, 0);
    assert.deepEqual(await readdir(host.base("")), [
      "web-appliance-1.1-1-system.qcow2",
      "web-appliance-1.1-1-vmlinuz",
    ]);
    assert.deepEqual(await readdir(host.at("var/lib/virt-appliance/registered")), []);
  });

  it("copies where a hard link is impossible, keeping holes, and checks the digest", async () => {
    await host.install({ ...web, payload: { "system.qcow2": new Uint8Array(4 << 20) } });
    await using elsewhere = await openFolder("/dev/shm/virt-appliance-test-");
    await symlink(elsewhere.path, host.at("var/lib/libvirt/images/appliances/base"));
    const answer = await host.reconcile();
    assert.deepEqual([answer.exitCode, answer.stderr], [0, ""]);
    assert.match(answer.stdout, /system\.qcow2 \(copy\)/);
    const base = await stat(host.base(SYSTEM));
    assert.equal(base.size, 4 << 20);
    assert.ok(base.blocks * 512 < 1 << 20, `${base.blocks} blocks`);
    assert.equal(base.mode & 0o777, 0o444);
  });

  it("refuses a copy whose digest differs from the list, and leaves nothing of it", async () => {
    const line = ["link", "system.qcow2", SYSTEM, "10", sha256("something else")].join("\t");
    await host.install({ ...web, lines: [line] });
    await using elsewhere = await openFolder("/dev/shm/virt-appliance-test-");
    await symlink(elsewhere.path, host.at("var/lib/libvirt/images/appliances/base"));
    const answer = await host.reconcile();
    assert.equal(answer.exitCode, 1);
    assert.match(answer.stderr, /SHA-256 [0-9a-f]{64}, expected 10 with .*reinstall the package/);
    assert.deepEqual(await readdir(elsewhere.path), []);
  });

  it("expands a compressed raw disk with holes", async () => {
    const raw = Buffer.alloc(8 << 20);
    raw.write("boot");
    const compressed = execFileSync("zstd", ["-q", "-c"], { input: raw });
    const target = "web-appliance-1.0-1-disk.raw";
    await host.install({
      ...web,
      payload: { "disk.raw.zst": compressed },
      lines: [["expand", "disk.raw.zst", target, raw.length, sha256(raw)].join("\t")],
    });
    const answer = await host.reconcile();
    assert.deepEqual([answer.exitCode, answer.stderr], [0, ""]);
    assert.ok(raw.equals(await readFile(host.base(target))));
    const base = await stat(host.base(target));
    assert.ok(base.blocks * 512 < 1 << 20, `${base.blocks} blocks`);
    assert.equal(base.mode & 0o777, 0o444);
    assert.deepEqual(await readdir(host.base("")), [target]);
  });

  it("reports a compressed disk that is damaged, and leaves nothing of it", async () => {
    const line = ["expand", "disk.raw.zst", "web-appliance-1.0-1-disk.raw", 9, sha256("x")];
    await host.install({
      ...web,
      payload: { "disk.raw.zst": "garbage" },
      lines: [line.join("\t")],
    });
    const answer = await host.reconcile();
    assert.equal(answer.exitCode, 1);
    assert.match(answer.stderr, /disk\.raw: zstd: /);
    assert.deepEqual(await readdir(host.base("")), []);
  });

  const changes: Readonly<Record<string, (host: HostTree) => Promise<void>>> = {
    "was written to": async (tree) => {
      await chmod(tree.base(SYSTEM), 0o644);
      await writeFile(tree.base(SYSTEM), "changed 10");
      await utimes(tree.base(SYSTEM), 1, 1);
    },
    "was replaced": async (tree) => {
      await rm(tree.base(SYSTEM));
      await writeFile(tree.base(SYSTEM), "replaced");
    },
    "was there before, with other content": async (tree) => {
      await rm(tree.at("var/lib/virt-appliance/bases"), { recursive: true });
      await rm(tree.base(SYSTEM));
      await writeFile(tree.base(SYSTEM), "older");
    },
    "is a symbolic link": async (tree) => {
      await rm(tree.base(SYSTEM));
      await symlink("/etc/passwd", tree.base(SYSTEM));
    },
    "is a directory": async (tree) => {
      await rm(tree.base(SYSTEM));
      await mkdir(tree.base(SYSTEM));
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`reports a base that ${what}, each time, and never overwrites it`, async () => {
      await host.install(web);
      await host.reconcile();
      await change(host);
      const before = await stat(host.base(SYSTEM));
      for (const _ of [1, 2]) {
        const answer = await host.reconcile();
        assert.equal(answer.exitCode, 1);
        assert.match(answer.stderr, /not overwritten|not changed/);
        assert.match(await host.outcome(web), /^status: incomplete$/m);
        const after = await stat(host.base(SYSTEM));
        assert.deepEqual([after.ino, after.size], [before.ino, before.size]);
      }
    });
  }

  it("accepts an unrecorded base with the right content", async () => {
    await host.install(web);
    await mkdir(host.base(""), { recursive: true });
    await copyFile(host.payload(web, "system.qcow2"), host.base(SYSTEM));
    assert.equal((await host.reconcile()).exitCode, 0);
    assert.match(
      await host.read(`var/lib/virt-appliance/bases/${SYSTEM}`),
      new RegExp(sha256("system 1.0")),
    );
  });

  const missing: Readonly<Record<string, (host: HostTree) => Promise<void>>> = {
    "the payload file": (tree) => rm(tree.payload(web, "system.qcow2")),
    "the list": (tree) => rm(tree.payload(web, "unpack.list")),
  };
  for (const [what, remove] of Object.entries(missing)) {
    it(`says what to do when ${what} is missing`, async () => {
      await host.install(web);
      await remove(host);
      const answer = await host.reconcile();
      assert.equal(answer.exitCode, 1);
      assert.match(answer.stderr, /is missing: .*dnf reinstall web-appliance-1\.0-1/);
    });
  }

  for (const [what, remove] of Object.entries(missing)) {
    it(`does not send the administrator of an image-mode host to dnf when ${what} is missing`, async () => {
      await host.install(web);
      await remove(host);
      await host.write("run/ostree-booted", "");
      const { stderr } = await host.reconcile();
      assert.match(stderr, /boots from an image, .* below \/var: .*--payload-dir \/usr\/share/);
      assert.doesNotMatch(stderr, /dnf reinstall/);
    });
  }

  it("does not touch the base of a package whose payload is gone", async () => {
    await host.install(web);
    await host.reconcile();
    await rm(host.payload(web, "system.qcow2"));
    assert.equal((await host.reconcile()).exitCode, 0);
  });

  const digest = sha256("system 1.0");
  const hostile: Readonly<Record<string, string>> = {
    "a source outside": `link\t../secret\t${SYSTEM}\t6\t${digest}`,
    "a target outside": `link\tsystem.qcow2\t../web-appliance-1.0-1-x\t10\t${digest}`,
    "a target below": `link\tsystem.qcow2\tweb-appliance-1.0-1-x/y\t10\t${digest}`,
    "an absolute source": `link\t/etc/passwd\t${SYSTEM}\t10\t${digest}`,
    "another package's target": `link\tsystem.qcow2\tmail-appliance-1.0-1-x\t10\t${digest}`,
    "a target that is only the prefix": `link\tsystem.qcow2\tweb-appliance-1.0-1-\t10\t${digest}`,
    "a command in a name": `link\t$(touch pwned)\t${SYSTEM}\t10\t${digest}`,
    "a back-quoted name": `link\tsystem.qcow2\tweb-appliance-1.0-1-\`id\`\t10\t${digest}`,
    "an option as a name": `link\t--help\t${SYSTEM}\t10\t${digest}`,
    "an unknown action": `rm\tsystem.qcow2\t${SYSTEM}\t10\t${digest}`,
    "an option as action": `-n\tsystem.qcow2\t${SYSTEM}\t10\t${digest}`,
    "a size that is none": `link\tsystem.qcow2\t${SYSTEM}\t1a\t${digest}`,
    "a size that is an expression": `link\tsystem.qcow2\t${SYSTEM}\tx[0$(id)]\t${digest}`,
    "a size beyond counting": `link\tsystem.qcow2\t${SYSTEM}\t${"9".repeat(30)}\t${digest}`,
    "a short digest": `link\tsystem.qcow2\t${SYSTEM}\t10\t${digest.slice(1)}`,
    "an upper-case digest": `link\tsystem.qcow2\t${SYSTEM}\t10\t${"A".repeat(64)}`,
    "a sixth field": `link\tsystem.qcow2\t${SYSTEM}\t10\t${digest}\tmore`,
    "too few fields": `link\tsystem.qcow2\t${SYSTEM}`,
    "spaces for tabs": `link system.qcow2 ${SYSTEM} 10 ${digest}`,
    "a terminal's escape": `link\t\u001b[2Jx\t${SYSTEM}\t10\t${digest}`,
  };
  for (const [what, line] of Object.entries(hostile)) {
    it(`refuses a line with ${what}, and goes on with the next`, async () => {
      const good = ["link", "system.qcow2", "web-appliance-1.0-1-good", 10, digest].join("\t");
      await host.install({ ...web, lines: ["# a comment", line, good] });
      await host.write("var/lib/libvirt/images/appliances/payload/web-appliance/secret", "secret");
      const answer = await host.reconcile();
      assert.equal(answer.exitCode, 1);
      assert.match(answer.stderr, /refused a line/);
      // eslint-disable-next-line no-control-regex -- what must not reach a terminal
      assert.doesNotMatch(answer.stderr, /\u001b/);
      assert.deepEqual(await readdir(host.base("")), ["web-appliance-1.0-1-good"]);
    });
  }

  it("unpacks a last line without a line end", async () => {
    const line = ["link", "system.qcow2", SYSTEM, 10, digest].join("\t");
    await host.install({ ...web, lines: [] });
    await writeFile(host.payload(web, "unpack.list"), line);
    assert.equal((await host.reconcile()).exitCode, 0);
    assert.equal(await readFile(host.base(SYSTEM), "utf8"), "system 1.0");
  });

  it("refuses a payload directory that is no plain absolute path", async () => {
    for (const bad of ["", "relative", "/a/../b", "/a b", "/", "/a/", "/$(id)"]) {
      await host.install(web);
      await host.write("usr/share/virt-appliance/catalog.d/web-appliance-1.0-1/payload", bad);
      const answer = await host.reconcile();
      assert.deepEqual([bad, answer.exitCode], [bad, 1]);
      assert.match(answer.stderr, /does not contain a usable absolute path/);
    }
  });

  it("removes what a killed run left, and completes it", async () => {
    await host.install(web);
    await mkdir(host.base(""), { recursive: true });
    await writeFile(host.base(`.${SYSTEM}.unpacking`), "half");
    assert.equal((await host.reconcile()).exitCode, 0);
    assert.deepEqual((await readdir(host.base(""))).sort(), [
      SYSTEM,
      "web-appliance-1.0-1-vmlinuz",
    ]);
  });

  it("leaves the work to its next run when another run holds the lock too long", async () => {
    await host.install(web);
    await mkdir(host.at("var/lib/virt-appliance"), { recursive: true });
    const lock = host.at("var/lib/virt-appliance/lock");
    const holder = spawn("flock", [lock, "sh", "-c", "echo held; cat"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");
    const answer = await host.reconcile("--wait", "0");
    await host.write("var/lib/virt-appliance/lock", "process 7 on vm (gc unused bases)\n");
    const named = await host.reconcile("--wait", "0");
    holder.stdin.end();
    await once(holder, "close");
    assert.equal(answer.exitCode, 1);
    assert.match(answer.stderr, /another run did not end within 0 seconds; the next run/);
    assert.equal(answer.stdout, "waiting for another run, 0 seconds at most\n");
    assert.equal(named.exitCode, 1);
    assert.match(
      named.stderr,
      /within 0 seconds \(process 7 on vm \(gc unused bases\)\); the next run/,
    );
    assert.match(named.stdout, /^waiting for process 7 on vm \(gc unused bases\), 0 seconds/);
    assert.equal((await host.reconcile()).exitCode, 0);
  });

  it("keeps a base that is linked to a payload which rpm has replaced since", async () => {
    await host.install(web);
    await host.reconcile();
    const before = await stat(host.base(SYSTEM));
    const fresh = host.payload(web, "new");
    await writeFile(fresh, "system 1.0");
    await rm(host.payload(web, "system.qcow2"));
    await link(fresh, host.payload(web, "system.qcow2"));
    assert.equal((await host.reconcile()).exitCode, 0);
    assert.equal((await stat(host.base(SYSTEM))).ino, before.ino);
  });

  it("is free of what shellcheck knows to be wrong", () => {
    const folder = path.dirname(RECONCILE);
    const scripts = [
      "reconcile",
      "reconcile-bases.sh",
      "reconcile-formats.sh",
      "reconcile-pool.sh",
    ];
    execFileSync(
      "shellcheck",
      scripts.map((name) => path.join(folder, name)),
    );
    const scriptlets = path.join(folder, "../scriptlets");
    execFileSync("sh", ["-c", 'shellcheck "$1"/*.sh', "sh", scriptlets]);
  });
});

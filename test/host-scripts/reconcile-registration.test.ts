import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, readlink, rm, stat } from "node:fs/promises";
import { HostTree, type InstalledAppliance } from "../fixtures/host-tree.ts";
import { temporaryFolder } from "../support/temporary.ts";

const web: InstalledAppliance = {
  package: "web-appliance",
  versionRelease: "1.0-1",
  payload: { "system.qcow2": "system 1.0" },
};
const STORAGE = "etc/libvirt/storage";
const BASE_DIR = "/var/lib/libvirt/images/appliances/base";

describe("reconcile, registering", () => {
  const root = temporaryFolder({ per: "test" });
  let host: HostTree;
  beforeEach(async () => {
    host = new HostTree(root);
    await mkdir(host.at("etc/libvirt"), { recursive: true });
  });

  it("writes the outcome down: pool, bases, osinfo entry", async () => {
    await host.install(web);
    await host.reconcile();
    assert.equal(
      await host.outcome(web),
      [
        "package: web-appliance-1.0-1",
        "status: complete",
        "pool: appliances, active once libvirt is started",
        "base: web-appliance-1.0-1-system.qcow2",
        "osinfo: http://virt-appliance/web/1.0-1",
        "",
      ].join("\n"),
    );
  });

  it("does not write an outcome that did not change", async () => {
    await host.install(web);
    await host.reconcile();
    const record = host.at("var/lib/virt-appliance/registered/web-appliance-1.0-1");
    const before = (await stat(record)).ino;
    await host.reconcile();
    assert.equal((await stat(record)).ino, before);
  });

  it("defines the pool for libvirt's next start when no daemon answers", async () => {
    await host.install(web);
    await host.reconcile();
    const definition = await host.read(`${STORAGE}/appliances.xml`);
    assert.match(
      definition,
      /^<pool type="dir">\n {2}<name>appliances<\/name>\n {2}<uuid>[0-9a-f-]{36}<\/uuid>\n/,
    );
    assert.ok(definition.includes(`<path>${BASE_DIR}</path>`), definition);
    assert.equal(
      await readlink(host.at(STORAGE, "autostart/appliances.xml")),
      "/etc/libvirt/storage/appliances.xml",
    );
    await host.reconcile();
    assert.equal(await host.read(`${STORAGE}/appliances.xml`), definition);
    assert.deepEqual(await readdir(host.at(STORAGE)), ["appliances.xml", "autostart"]);
  });

  it("uses an existing pool of another name with the directory", async () => {
    await host.install(web);
    await host.write(`${STORAGE}/mine.xml`, `<pool>\n<path>${BASE_DIR}/</path>\n</pool>\n`);
    assert.equal((await host.reconcile()).exitCode, 0);
    assert.deepEqual(await readdir(host.at(STORAGE)), ["mine.xml"]);
  });

  it("does not touch a pool of its name that has another directory", async () => {
    const theirs = "<pool>\n<path>/srv</path>\n</pool>\n";
    await host.install(web);
    await host.write(`${STORAGE}/appliances.xml`, theirs);
    const answer = await host.reconcile();
    assert.equal(answer.exitCode, 1);
    assert.match(answer.stderr, /pool appliances: .* has another directory than .*POOL_NAME/);
    assert.equal(await host.read(`${STORAGE}/appliances.xml`), theirs);
    assert.ok(existsSync(host.base("web-appliance-1.0-1-system.qcow2")));
  });

  it("defines no pool where no appliance is installed, nor where libvirt is not", async () => {
    await host.reconcile();
    assert.equal(existsSync(host.at(STORAGE)), false);
    await rm(host.at("etc/libvirt"), { recursive: true });
    await host.install(web);
    assert.equal((await host.reconcile()).exitCode, 0);
    assert.equal(existsSync(host.at("etc/libvirt")), false);
    assert.match(await host.outcome(web), /^pool: libvirt is not installed$/m);
  });

  it("forgets packages that are gone, and keeps their bases", async () => {
    await host.install(web);
    await host.reconcile();
    await rm(host.at("usr/share/virt-appliance/catalog.d/web-appliance-1.0-1"), {
      recursive: true,
    });
    await rm(host.payload(web, ""), { recursive: true });
    assert.equal((await host.reconcile()).exitCode, 0);
    assert.deepEqual(await readdir(host.at("var/lib/virt-appliance/registered")), []);
    assert.equal(
      await readFile(host.base("web-appliance-1.0-1-system.qcow2"), "utf8"),
      "system 1.0",
    );
    assert.deepEqual(await readdir(host.at("var/lib/virt-appliance/bases")), [
      "web-appliance-1.0-1-system.qcow2",
    ]);
  });

  const osinfos: Readonly<Record<string, [string | null, RegExp]>> = {
    "is missing": [null, /its osinfo entry is missing/],
    "has another id than its file name": [
      '<os id="http://virt-appliance/web/9-9">',
      /does not contain http:\/\/virt-appliance\/web\/1\.0-1/,
    ],
  };
  for (const [what, [osinfo, message]] of Object.entries(osinfos)) {
    it(`reports an osinfo entry that ${what}, since virt-install would not find it`, async () => {
      await host.install({ ...web, osinfo });
      const answer = await host.reconcile();
      assert.equal(answer.exitCode, 1);
      assert.match(answer.stderr, message);
      assert.match(await host.outcome(web), message);
    });
  }

  it("finds the entry of an appliance whose own name ends in -appliance", async () => {
    const mail = { ...web, package: "mail-appliance", osinfo: null };
    await host.install(mail);
    await host.write(
      "usr/share/osinfo/os/virt-appliance/mail-appliance-1.0-1.xml",
      '<os id="http://virt-appliance/mail-appliance/1.0-1">',
    );
    assert.equal((await host.reconcile()).exitCode, 0);
  });

  it("finds the entry of a version with characters that its file name cannot have", async () => {
    await host.install({ ...web, versionRelease: "1.0~rc1^2+3-1", osinfo: null });
    await host.write(
      "usr/share/osinfo/os/virt-appliance/web-1.0-rc1-2-3-1.xml",
      '<os id="http://virt-appliance/web/1.0~rc1^2+3-1">',
    );
    assert.equal((await host.reconcile()).exitCode, 0);
  });

  it("reports an entry that derives from one which this host does not know", async () => {
    const parent = "http://debian.org/debian/99";
    const id = "http://virt-appliance/web/1.0-1";
    await host.write("usr/share/osinfo/os/libosinfo.org/linux-2020.xml", "");
    await host.install({ ...web, osinfo: `<os id="${id}">\n  <derives-from id="${parent}"/>\n` });
    const answer = await host.reconcile();
    assert.equal(answer.exitCode, 1);
    assert.match(
      answer.stderr,
      /derives from http:\/\/debian\.org\/debian\/99, which the osinfo-db of this host does not have/,
    );
    await host.write("usr/share/osinfo/os/debian.org/debian-99.xml", "");
    assert.equal((await host.reconcile()).exitCode, 0);
  });

  it("reads the directory of the bases and the pool's name from host.conf", async () => {
    await host.install(web);
    await host.write(
      "etc/virt-appliance/host.conf",
      "# ours\n\nBASE_DIR=/srv/bases\nOTHER=of another program\nPOOL_NAME=shared",
    );
    const answer = await host.reconcile();
    assert.deepEqual([answer.exitCode, answer.stderr], [0, ""]);
    assert.ok(existsSync(host.at("srv/bases/web-appliance-1.0-1-system.qcow2")));
    assert.match(await host.read(`${STORAGE}/shared.xml`), /<path>\/srv\/bases<\/path>/);
  });

  for (const bad of [
    "BASE_DIR=relative",
    "BASE_DIR=/a/../b",
    "BASE_DIR=$(touch /tmp/pwned)",
    'BASE_DIR="/quoted"',
    "BASE_DIR=/a<b",
    "POOL_NAME=../x",
    "POOL_NAME=",
    "LIBVIRT_URI=a b",
  ]) {
    it(`ignores ${bad} and says so`, async () => {
      await host.install(web);
      await host.write("etc/virt-appliance/host.conf", `${bad}\n`);
      const answer = await host.reconcile();
      assert.equal(answer.exitCode, 1);
      assert.match(answer.stderr, /host\.conf: ignored, not a usable value/);
      assert.ok(existsSync(host.base("web-appliance-1.0-1-system.qcow2")));
      assert.ok(existsSync(host.at(STORAGE, "appliances.xml")));
    });
  }

  for (const wrong of [["--package"], ["--package", "../x"], ["--wait", "x"], ["now"]]) {
    it(`refuses the arguments ${wrong.join(" ")}`, async () => {
      const answer = await host.reconcile(...wrong);
      assert.equal(answer.exitCode, 2);
      assert.match(answer.stderr, /^usage: reconcile/);
    });
  }
});

import assert from "node:assert/strict";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { makeRun } from "../../src/lib/exec.ts";
import {
  type Libvirt,
  openLibvirt,
  openMemoryLibvirt,
  parseDomain,
  virshCommand,
} from "../../src/libvirt/index.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

function uuidOf(index: number): string {
  return `6695eb01-f6a4-8304-79aa-${String(index).padStart(12, "0")}`;
}

/** Each is also the id or the UUID of another one, as virsh reads it: the first three run, with ids 1, 2 and 3. */
const names = [
  "3",
  " 1",
  uuidOf(1),
  "2",
  "02",
  "+1",
  "1",
  "1 ",
  uuidOf(2).toUpperCase(),
  uuidOf(4),
  // Without some hyphens, and with as many spaces behind.
  `${uuidOf(1).replace("-", "")} `,
  "cafe",
  "web-01",
  " with spaces ",
] as const;
const RUNNING = 3;

function xmlOf(name: string, index: number, more = ""): string {
  return `<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'><name>${name}</name><uuid>${uuidOf(index + 1)}</uuid><memory>1</memory><os><type>hvm</type></os>${more}</domain>`;
}

/** Each way to do something with one domain, and which command of virsh does it. */
const ways: Readonly<Record<string, (libvirt: Libvirt, name: string) => Promise<unknown>>> = {
  dumpxml: (libvirt, name) => libvirt.dumpXml(name),
  "dumpxml --security-info": (libvirt, name) => libvirt.dumpDefinition(name),
  "dumpxml live": (libvirt, name) => libvirt.dumpLive(name),
  "snapshot-list": (libvirt, name) => libvirt.dumpAll(name),
  dominfo: (libvirt, name) => libvirt.domainFacts(name),
  domifaddr: (libvirt, name) => libvirt.guestAddresses(name, "anywhere"),
  "qemu-agent-command": (libvirt, name) => libvirt.pingAgent(name),
  undefine: (libvirt, name) => libvirt.undefineDomain(name, { state: "keep" }),
  start: (libvirt, name) => libvirt.startDomain(name),
  destroy: (libvirt, name) => libvirt.stopDomain(name),
  shutdown: (libvirt, name) => libvirt.shutdownDomain(name),
  autostart: (libvirt, name) => libvirt.setAutostart(name, "on"),
  blockresize: (libvirt, name) => libvirt.resizeDisk(name, "vda", 1024),
};

describe("a domain whose name reads as an id or a UUID", () => {
  const folder = temporaryFolder();
  let uri: string;
  before(async () => {
    const cpu =
      "<cpu><mhz>1</mhz><model>m</model><active>1</active><nodes>1</nodes><sockets>1</sockets><cores>1</cores><threads>1</threads><mem>1</mem></cpu>";
    const off = "<test:runstate>5</test:runstate>";
    const domains = names.map((name, index) => xmlOf(name, index, index < RUNNING ? "" : off));
    await writeFile(path.join(folder, "host.xml"), `<node>${cpu}${domains.join("\n")}</node>`);
    uri = `test://${path.join(folder, "host.xml")}`;
  });

  /** libvirt, and one in memory, with the domains that each can have: in memory, no name has spaces around. */
  function both(): readonly (readonly [Libvirt, readonly string[]])[] {
    const all = names.map((name, index) => ({ name, xml: xmlOf(name, index), index }));
    const plain = all.filter(({ name }) => name.trim() === name);
    const domains = plain.map(({ xml, index }) => ({ xml, isActive: index < RUNNING }));
    return [
      [openLibvirt(testContext(), { uri }), names],
      [openMemoryLibvirt({ domains }), plain.map(({ name }) => name)],
    ];
  }

  it("virsh takes such a name for another domain", async () => {
    const { run } = testContext();
    const asked = ["--quiet", "--connect", uri, "dumpxml", "--domain", "3"];
    assert.equal(parseDomain((await run("virsh", asked)).stdout).name, uuidOf(1));
  });

  it("is read by its name, and by nothing else", async () => {
    for (const [libvirt, known] of both()) {
      const listed = await libvirt.listDomains();
      assert.deepEqual(
        listed.map(({ name }) => name),
        known.toSorted(),
      );
      for (const name of known) {
        const index = names.findIndex((each) => each === name);
        const isActive = index < RUNNING;
        assert.equal(parseDomain(await libvirt.dumpXml(name)).uuid, uuidOf(index + 1), name);
        assert.equal(parseDomain(await libvirt.dumpDefinition(name)).uuid, uuidOf(index + 1));
        const live = await libvirt.dumpLive(name);
        assert.equal(live && parseDomain(live).uuid, isActive ? uuidOf(index + 1) : undefined);
        assert.equal((await libvirt.domainFacts(name)).isActive, isActive, name);
        for (const each of await libvirt.dumpAll(name))
          assert.equal(parseDomain(each).uuid, uuidOf(index + 1));
      }
      // An id and a UUID that are no name.
      for (const absent of ["03", "14", uuidOf(3), "  3", "3 "]) {
        await assert.rejects(libvirt.dumpXml(absent), { code: "LIBVIRT_UNKNOWN" }, absent);
        await assert.rejects(libvirt.shutdownDomain(absent), { code: "LIBVIRT_UNKNOWN" });
        await libvirt.stopDomain(absent);
        await libvirt.undefineDomain(absent, { state: "keep" });
        assert.equal(await libvirt.dumpLive(absent), undefined);
      }
    }
  });

  it("is what every command is about", async () => {
    const { run } = testContext();
    const uuids = new Map<string, string | undefined>();
    const read = async (word: string): Promise<string | undefined> => {
      const asked = ["--quiet", "--connect", uri, "dominfo", "--domain", word];
      const uuid = /^UUID:\s+(\S+)$/m.exec((await run("virsh", asked)).stdout)?.[1];
      uuids.set(word, uuid);
      return uuid;
    };
    const some: readonly string[] = ["3", " 1", uuidOf(1), "02", uuidOf(4), "web-01"];
    for (const [way, act] of Object.entries(ways)) {
      for (const name of some) {
        const index = names.findIndex((each) => each === name);
        const words: string[] = [];
        const commands: string[] = [];
        const libvirt = openLibvirt(
          testContext({
            run: (file, args, options) => {
              const at = args.indexOf("--domain");
              // By which the lookup compares names.
              if (at !== -1 && args[at - 1] !== "domname") {
                commands.push(args[at - 1] ?? "");
                words.push(args[at + 1] ?? "");
              }
              return run(file, args, options);
            },
          }),
          { uri },
        );
        // The test driver knows no agent, no firmware and no disk.
        await act(libvirt, name).catch((error: unknown) => {
          assert.ok(error instanceof Error && "code" in error && error.code === "LIBVIRT_FAILED");
        });
        if ((way === "start" && index < RUNNING) || (way === "destroy" && index >= RUNNING))
          assert.deepEqual(words, []);
        else assert.ok(words.length > 0, `${way} ${name}: ${commands.join(", ")}`);
        for (const word of new Set(words)) {
          const uuid = uuids.get(word) ?? (await read(word));
          assert.equal(uuid, uuidOf(index + 1), `${way} ${name}: --domain ${word}`);
        }
      }
    }
  });

  it("is looked up once for a method", async () => {
    const { run } = testContext();
    for (const [name, lists] of [
      ["3", 1],
      ["web-01", 0],
    ] as const) {
      let count = 0;
      const counted: typeof run = (file, args, options) => {
        if (args.includes("list")) count += 1;
        return run(file, args, options);
      };
      await openLibvirt(testContext({ run: counted }), { uri }).domainFacts(name);
      assert.equal(count, lists);
    }
  });

  it("is found where virsh pads the names in its list", async () => {
    const script = `#!/bin/sh
case "$*" in
  *' list --all --uuid --name') /usr/bin/virsh "$@" | awk '{ printf "%s %-30s\\n", substr($0, 1, 36), substr($0, 38) }' ;;
  *) exec /usr/bin/virsh "$@" ;;
esac
`;
    await writeFile(path.join(folder, "virsh"), script);
    await chmod(path.join(folder, "virsh"), 0o755);
    const run = makeRun(`${folder}:/usr/bin:/bin`, new AbortController().signal);
    const libvirt = openLibvirt(testContext({ run }), { uri });
    for (const [index, name] of names.entries())
      assert.equal(parseDomain(await libvirt.dumpXml(name)).uuid, uuidOf(index + 1), name);
    await assert.rejects(libvirt.dumpXml("3 "), { code: "LIBVIRT_UNKNOWN" });
  });

  it("hints name such a domain so that the shell and virsh find the right one", async () => {
    const special = ["-x", "--all", "it's", "~", "$(id)", "a;b", "näme", "db", "*"];
    const all = [...names, ...special];
    const file = path.join(folder, "hints.xml");
    const cpu = /<cpu>.*<\/cpu>/.exec(await readFile(path.join(folder, "host.xml"), "utf8"))?.[0];
    const domains = all.map((name, index) => xmlOf(name, index));
    await writeFile(file, `<node>${cpu}${domains.join("\n")}</node>`);
    const { run } = testContext();
    for (const [index, name] of all.entries()) {
      const hint = virshCommand("dumpxml", { name, uuid: uuidOf(index + 1) });
      const env = { LIBVIRT_DEFAULT_URI: `test://${file}` };
      const { stdout } = await run("sh", ["-c", hint], { env });
      assert.equal(parseDomain(stdout).uuid, uuidOf(index + 1), hint);
    }
    assert.equal(virshCommand("start", { name: "db", uuid: uuidOf(1) }), "virsh start db");
    assert.equal(
      virshCommand("start", { name: "3", uuid: uuidOf(1) }),
      `virsh start --domain ${uuidOf(1)}`,
    );
  });

  it("is passed to virsh in one place", async () => {
    const source = path.join(import.meta.dirname, "../../src");
    const files = await readdir(source, { recursive: true });
    const naming: string[] = [];
    for (const file of files.filter((each) => each.endsWith(".ts")))
      if (/["'`]--domain\b/.test(await readFile(path.join(source, file), "utf8")))
        naming.push(file);
    // The survey has its UUIDs from a list.
    assert.deepEqual(naming.sort(), ["libvirt/survey-domains.ts", "libvirt/virsh-domain.ts"]);
  });
});

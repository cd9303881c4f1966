import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseDescriptor } from "../../src/appliance/index.ts";
import type { RunResult } from "../../src/lib/exec.ts";
import { sampleDescriptor } from "../fixtures/sample-descriptor.ts";
import { kvmHost, webDomain } from "../fixtures/libvirt-documents.ts";
import { testContext } from "../support/context.ts";
import { runProgram } from "../support/run-program.ts";
import { temporaryFolder } from "../support/temporary.ts";

const { run } = testContext();

describe("init and check on the command line", () => {
  const folder = temporaryFolder();

  /** Runs the program with these arguments. */
  async function va(...args: readonly string[]): Promise<RunResult> {
    return runProgram(args, { acceptExitCodes: [1, 2, 3, 4] });
  }

  async function file(name: string, content: string): Promise<string> {
    const place = path.join(folder, name);
    await writeFile(place, content);
    return place;
  }

  it("init prints a descriptor on standard output, and notes on standard error", async () => {
    const { exitCode, stdout, stderr } = await va("init", await file("web.xml", webDomain));
    assert.equal(exitCode, 0, stderr);
    assert.equal(parseDescriptor(stdout, "stdout").appliance?.name, "web-01-test");
    assert.match(stderr, /copy: \/srv\/vm\/Web Root.qcow2: copy it beside the descriptor/);
    assert.match(stderr, /lost: device tpm \(tpm-crb\)/);
  });

  it("init writes a file, and never over another one", async () => {
    const output = path.join(folder, "appliance.xml");
    const first = await va("init", "test", "--connect", "test:///default", "--output", output);
    assert.deepEqual([first.exitCode, first.stdout], [0, `${output}\n`], first.stderr);
    const written = await readFile(output, "utf8");
    assert.equal(parseDescriptor(written, output).appliance?.name, "test");
    const second = await va("init", "test", "--connect", "test:///default", "-o", output);
    assert.equal(second.exitCode, 1);
    assert.match(second.stderr, /already exists.*\n.*\[CLI_FILE_EXISTS\]/);
    assert.equal(await readFile(output, "utf8"), written);
  });

  it("init refuses what is no disk, and does not tell to copy what is in its place", async () => {
    const odd = await va("init", await file("odd.raw", "x".repeat(513)));
    assert.equal(odd.exitCode, 1);
    assert.match(
      odd.stderr,
      /odd\.raw: not a disk image .* 513 bytes are not a multiple of 512.*\[SOURCE_/,
    );
    const disk = await file("disk.raw", "x".repeat(512));
    const beside = path.join(path.dirname(disk), "beside.xml");
    assert.doesNotMatch((await va("init", disk, "-o", beside)).stderr, /^copy:/m);
    assert.match((await va("init", disk)).stderr, /^copy: .*disk\.raw/m);
  });

  it("init prints one JSON document", async () => {
    const { stdout } = await va("init", await file("json.xml", webDomain), "--json");
    const answer: { descriptor: string; notes: { kind: string; message: string }[] } =
      JSON.parse(stdout);
    assert.match(answer.descriptor, /<name version="1.0">web-01-test</);
    assert.deepEqual([...new Set(answer.notes.map((note) => note.kind))].sort(), [
      "assumed",
      "copy",
      "dropped",
      "lost",
    ]);
  });

  it("check reports a suitable host and boot with status 0", async () => {
    const descriptor = await file("yes.xml", sampleDescriptor);
    const host = await file("kvm.xml", kvmHost);
    const text = await va("check", descriptor, "--capabilities", host);
    assert.equal(text.exitCode, 0, text.stderr);
    assert.equal(text.stdout, "web: can run on this host, as boot 1 (hvm, x86_64) under kvm\n");
    const json = await va("check", descriptor, "--capabilities", host, "--json");
    assert.deepEqual(JSON.parse(json.stdout), {
      ok: true,
      boot: 1,
      domainType: "kvm",
      reasons: [],
    });
  });

  it("check reports every reason against a host with status 4", async () => {
    const descriptor = await file(
      "no.xml",
      sampleDescriptor
        .replace(">x86_64<", ">s390x<")
        .replace(">524288<", ">9000000<")
        .replace(">1048576<", ">9000000<"),
    );
    const host = await file("kvm.xml", kvmHost);
    const text = await va("check", descriptor, "--capabilities", host);
    assert.equal(text.exitCode, 4);
    assert.equal(
      text.stdout,
      `web: cannot run on this host
  boot 0 (xen, i686): type xen is not offered, the host offers hvm
  boot 1 (hvm, s390x): architecture s390x is not offered, the host offers i686, x86_64
  memory: needs 8.6 GiB, but the host has only 8.0 GiB
`,
    );
    const json = await va("check", descriptor, "--capabilities", host, "--json");
    assert.equal(json.exitCode, 4);
    const answer: { ok: boolean; boot: null; reasons: string[] } = JSON.parse(json.stdout);
    assert.deepEqual([answer.ok, answer.boot, answer.reasons.length], [false, null, 3]);
  });

  it("check reads a tarball and a directory, and needs no disk for it", async () => {
    const source = path.join(folder, "source");
    await run("mkdir", [source]);
    await writeFile(path.join(source, "appliance.xml"), sampleDescriptor);
    const archive = path.join(folder, "source.tar.gz");
    await run("tar", ["-C", folder, "-czf", archive, "source"]);
    const host = await file("kvm.xml", kvmHost);
    for (const each of [source, archive]) {
      const { exitCode, stderr } = await va("check", each, "--capabilities", host);
      assert.equal(exitCode, 0, stderr);
    }
  });

  it("check says how to write a host's capabilities, when the file has none", async () => {
    const descriptor = await file("some.xml", sampleDescriptor);
    const host = await file("empty.xml", "\n");
    const { exitCode, stderr } = await va("check", descriptor, "--capabilities", host);
    assert.equal(exitCode, 1);
    assert.match(stderr, /empty\.xml: empty, expected a host's capabilities\n.*hint: run virsh/);
  });

  it("check asks libvirt when no file is given", async () => {
    const descriptor = await file("i686.xml", sampleDescriptor.replace('<acpi state="off"/>', ""));
    const here = await va("check", descriptor, "--connect", "test:///default");
    assert.equal(here.stdout, "web: can run on this host, as boot 0 (xen, i686) under test\n");
    const nowhere = await va("check", descriptor, "--connect", "qemu+unix:///system?socket=/none");
    assert.equal(nowhere.exitCode, 4);
    assert.match(nowhere.stderr, /libvirt does not respond/);
  });

  it("check refuses a descriptor with errors, and lists them", async () => {
    const descriptor = await file("bad.xml", sampleDescriptor.replaceAll("boot/", "/boot/"));
    const { exitCode, stdout, stderr } = await va(
      "check",
      descriptor,
      "--capabilities",
      await file("bad-host.xml", kvmHost),
    );
    assert.equal(exitCode, 1);
    // What was understood of it is compared with the host all the same.
    assert.match(stdout, /^web: can/);
    assert.match(stderr, /line 24: kernel: path "\/boot\/vmlinuz" is absolute/);
    assert.match(stderr, /line 25: initrd/);
  });
});

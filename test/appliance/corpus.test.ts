import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Appliance,
  matchHost,
  parseDescriptor,
  renderDescriptor,
} from "../../src/appliance/index.ts";
import { parseCapabilities } from "../../src/libvirt/index.ts";
import { testContext } from "../support/context.ts";

// Real descriptors of public projects, which cannot be part of the repository. What they show is tested without them
// in parse-descriptor.test.ts; this is the proof that nothing was overlooked.
const corpus = process.env["VIRT_APPLIANCE_CORPUS"];
const schema = fileURLToPath(new URL("../../docs/virt-appliance-descriptor.rng", import.meta.url));

/** Files that are refused, and the codes of the errors. */
const refused: Readonly<Record<string, readonly string[]>> = {
  "image-kernel.xml": ["path-unsafe", "path-unsafe"],
  "expected/image-xenpv32.xml": ["not-an-image"],
  "expected/virt-image-image-boot0.xml": ["not-an-image"],
  "expected/virt-image-image-boot1.xml": ["not-an-image"],
  "virt-factory/Container-profile.xml": ["not-an-image"],
  "virt-factory/Test1-profile.xml": ["not-an-image"],
};

async function isValid(file: string): Promise<boolean> {
  const { run } = testContext();
  const args = ["--noout", "--nonet", "--relaxng", schema, file];
  return (await run("xmllint", args, { acceptExitCodes: [3] })).exitCode === 0;
}

// Only where VIRT_APPLIANCE_CORPUS names real files of other projects; the tests above need none.
const describeCorpus = corpus === undefined ? (): void => {} : describe;
describeCorpus("corpus of real descriptors", () => {
  const folder = path.join(corpus ?? "", "virt-image");

  async function read(name: string): Promise<ReturnType<typeof parseDescriptor>> {
    return parseDescriptor(await readFile(path.join(folder, name)), name);
  }

  async function readable(name: string): Promise<Appliance> {
    const { appliance, problems } = await read(name);
    assert(appliance !== undefined, JSON.stringify(problems));
    return appliance;
  }

  it("is read to the last, and refused only with good reason", async () => {
    const names = (await readdir(folder, { recursive: true })).filter((n) => n.endsWith(".xml"));
    assert(names.length >= 17);
    for (const name of names) {
      const { appliance, problems } = await read(name);
      const errors = problems.filter((problem) => problem.severity === "error");
      assert.deepEqual(
        errors.map((problem) => problem.code),
        refused[name] ?? [],
        name,
      );
      assert.equal(appliance === undefined, name in refused, name);
      for (const problem of errors) assert(problem.line !== undefined, name);
      if (appliance === undefined) continue;
      const text = renderDescriptor(appliance);
      const again = parseDescriptor(text, name).appliance;
      assert(again !== undefined);
      assert.equal(renderDescriptor(again), text);
    }
  });

  it("has a problem listed wherever the schema refuses a descriptor", async () => {
    const names = (await readdir(folder, { recursive: true })).filter((n) => n.endsWith(".xml"));
    for (const name of names) {
      const { problems } = await read(name);
      const isStrict = problems.every((problem) => problem.code === "version-missing");
      if (!(await isValid(path.join(folder, name)))) assert(!isStrict, name);
      else
        assert(
          problems.every((problem) => problem.severity === "warning"),
          name,
        );
    }
  });

  const hosts: readonly (readonly [string, string, number | null, string | null])[] = [
    ["example1-dual-boot.xml", "caps-xen-rhel5.4-pv-and-hvm.xml", 0, "xen"],
    ["example1-dual-boot.xml", "caps-kvm-rhel5.4.xml", 1, "kvm"],
    ["example1-dual-boot.xml", "caps-kvm-x86_64-modern.xml", 1, "kvm"],
    ["image.xml", "caps-kvm-x86_64-modern.xml", 1, "kvm"],
    ["derived/virtconv-no-nic-literal-none.xml", "caps-xen-rhel5.4-pv-and-hvm.xml", 0, "xen"],
    ["derived/virtconv-no-nic-literal-none.xml", "caps-kvm-rhel5.4.xml", null, null],
    ["derived/appliance-creator-raw-default.xml", "caps-kvm-x86_64-modern.xml", 0, "qemu"],
    ["derived/appliance-creator-raw-default.xml", "caps-kvm-rhel5.4.xml", null, null],
  ];
  for (const [name, host, boot, domainType] of hosts) {
    it(`matches ${name} with ${host}`, async () => {
      const xml = await readFile(path.join(corpus ?? "", "libvirt", host));
      const match = matchHost(await readable(name), parseCapabilities(xml, host));
      assert.deepEqual([match.boot, match.domainType], [boot, domainType], match.reasons.join());
    });
  }
});

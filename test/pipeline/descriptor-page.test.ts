import assert from "node:assert/strict";
import { mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseDescriptor } from "../../src/appliance/index.ts";
import { renderSeed } from "../../src/host/create/seed.ts";
import { buildAppliance } from "../../src/pipeline/index.ts";
import { inspectSource } from "../../src/source/index.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

const PAGE = path.join(import.meta.dirname, "../../docs/descriptor.md");
const MIB = 1024 * 1024;

/** Returns the descriptors of the page, as they stand. */
async function completeDescriptors(): Promise<readonly string[]> {
  const page = await readFile(PAGE, "utf8");
  const blocks = [...page.matchAll(/^```xml\n([^]*?)^```$/gm)].map((match) => match[1] ?? "");
  return blocks.filter((xml) => xml.includes("<storage>") && xml.includes("<image"));
}

/** Makes every file that a descriptor names: disks of its sizes without content, and a few bytes for the rest. */
async function makeFiles(folder: string, xml: string): Promise<void> {
  const { appliance } = parseDescriptor(xml, "page");
  assert.ok(appliance !== undefined);
  const at = async (file: string): Promise<string> => {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    return path.join(folder, file);
  };
  for (const { file, role, format, sizeBytes = 64 * MIB } of appliance.disks) {
    if (role === "scratch") continue;
    if (format === "raw") {
      await writeFile(await at(file), "");
      await truncate(await at(file), sizeBytes);
    } else {
      const args = ["create", "-q", "-f", format, await at(file), String(sizeBytes)];
      await testContext().run("qemu-img", args);
    }
  }
  const kernels = appliance.boots.flatMap(({ os: boot }) =>
    boot.kind === "kernel" ? [boot.kernel, boot.initrd] : [],
  );
  for (const file of [...kernels, appliance.packageList])
    if (file !== undefined) await writeFile(await at(file), `${file}\n`);
  await writeFile(path.join(folder, "appliance.xml"), xml);
}

describe("the complete descriptors of the page", () => {
  const folder = temporaryFolder({ per: "test" });
  it("are two, without a problem, and become packages", async () => {
    const found = await completeDescriptors();
    assert.equal(found.length, 2);
    for (const [index, xml] of found.entries()) {
      const source = path.join(folder, String(index));
      const outputFolder = path.join(folder, `out-${index}`);
      await mkdir(source);
      await mkdir(outputFolder);
      await makeFiles(source, xml);
      const context = testContext({ temporaryFolder: folder });
      const { problems } = await inspectSource(source, context);
      assert.deepEqual(problems, []);
      const options = {
        outputFolder,
        package: { buildTimeSeconds: 1_767_225_600 },
        images: { keepRaw: false, compression: "zstd" as const },
      };
      await buildAppliance(source, options, context);
    }
  });

  it("have parameters that reach cloud-init by their names", async () => {
    const [, xml = ""] = await completeDescriptors();
    const parameters = parseDescriptor(xml, "page").appliance?.parameters ?? [];
    const given = Object.fromEntries(parameters.map(({ name }) => [name, `value of ${name}`]));
    const image = renderSeed({ vm: "vm1", parameters, given, now: new Date(0) });
    const text = image?.toString("latin1") ?? "";
    const config = /#cloud-config\n(\{[^]*?\n\})\n/.exec(text)?.[1] ?? "{}";
    assert.deepEqual(JSON.parse(config), {
      hostname: "value of hostname",
      timezone: "value of timezone",
      ssh_authorized_keys: ["value of ssh-key"],
    });
    const misspelt = parameters.filter(
      ({ name }) =>
        /^(?:host.?name|ssh.?keys?|user.?data|time.?zone)$/i.test(name) &&
        !["hostname", "ssh-key", "user-data", "timezone"].includes(name),
    );
    assert.deepEqual(misspelt, []);
  });
});

import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { createVm } from "../../src/host/create/create.ts";
import { renderSeed } from "../../src/host/create/seed.ts";
import { readInstance } from "../../src/host/instance/instance-xml.ts";
import { parseDomain } from "../../src/libvirt/index.ts";
import { testContext } from "../support/context.ts";
import { addAppliance, openHostFixture, request } from "../fixtures/memory-host.ts";
import { openFolder } from "../support/temporary.ts";

const now = new Date("2026-01-02T03:04:05Z");
const parameter = (name: string, rest: { default?: string; required?: boolean } = {}) => ({
  name,
  description: undefined,
  default: rest.default,
  required: rest.required ?? false,
});

async function extract(image: Buffer): Promise<Record<string, string>> {
  await using temporary = await openFolder();
  const folder = temporary.path;
  const file = path.join(folder, "seed.iso");
  await writeFile(file, image);
  const out = path.join(folder, "out");
  const from = ["-indev", file, "-osirrox", "on", "-extract", "/", out];
  await testContext().run("xorriso", ["-read_fs", "norock", ...from]);
  const names = ["meta-data", "user-data", "parameters.json"];
  const texts = await Promise.all(names.map((name) => readFile(path.join(out, name), "utf8")));
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? ""]));
}

describe("parameters of a VM", () => {
  it("travel on a disk that cloud-init reads, with defaults filled in", async () => {
    const image = renderSeed({
      vm: "vm1",
      parameters: [
        parameter("hostname"),
        parameter("ssh-key"),
        parameter("port", { default: "80" }),
      ],
      given: { hostname: "web7", "ssh-key": "ssh-ed25519 AAAA a@b\nssh-rsa BBBB c" },
      now,
    });
    assert.ok(image !== undefined);
    const files = await extract(image);
    assert.deepEqual(JSON.parse(files["meta-data"] ?? ""), {
      "instance-id": "vm1-1767323045",
      "local-hostname": "web7",
    });
    assert.match(files["user-data"] ?? "", /^#cloud-config\n\{/);
    assert.deepEqual(JSON.parse((files["user-data"] ?? "").replace("#cloud-config\n", "")), {
      hostname: "web7",
      ssh_authorized_keys: ["ssh-ed25519 AAAA a@b", "ssh-rsa BBBB c"],
    });
    assert.deepEqual(JSON.parse(files["parameters.json"] ?? ""), {
      hostname: "web7",
      "ssh-key": "ssh-ed25519 AAAA a@b\nssh-rsa BBBB c",
      port: "80",
    });
  });

  it("hand user-data over as it is", async () => {
    const given = { "user-data": "#!/bin/sh\necho hi\n" };
    const image = renderSeed({ vm: "vm1", parameters: [parameter("user-data")], given, now });
    assert.ok(image !== undefined);
    assert.equal((await extract(image))["user-data"], given["user-data"]);
  });

  it("reach the system beside user-data too: name and keys are in the other file", async () => {
    const given = { "user-data": "#!/bin/sh\n", "ssh-key": "ssh-rsa BBBB c", hostname: "web7" };
    const parameters = Object.keys(given).map((name) => parameter(name));
    const image = renderSeed({ vm: "vm1", parameters, given, now });
    assert.ok(image !== undefined);
    const files = await extract(image);
    assert.equal(files["user-data"], given["user-data"]);
    assert.deepEqual(JSON.parse(files["meta-data"] ?? ""), {
      "instance-id": "vm1-1767323045",
      "local-hostname": "web7",
      "public-keys": ["ssh-rsa BBBB c"],
    });
  });

  it("make no disk when none has a value", () => {
    assert.equal(
      renderSeed({ vm: "v", parameters: [parameter("port")], given: {}, now }),
      undefined,
    );
  });

  it("are kept with the VM, their values out of its definition", async () => {
    await using host = await openHostFixture();
    await addAppliance(host, {
      more: '<va:parameter name="hostname" required="yes"/><va:parameter name="port" default="80"/>',
    });
    const parameters = { hostname: "secret-name" };
    await createVm(await host.open(), request({ parameters }));
    const xml = await host.libvirt.dumpXml("vm1");
    const { seed } = readInstance(xml) ?? {};
    assert.ok(seed !== undefined);
    assert.deepEqual(seed.parameters, ["hostname", "port"]);
    const disc = parseDomain(xml).disks.find((disk) => disk.source === seed.path);
    assert.deepEqual([disc?.device, disc?.bus], ["disk", "virtio"]);
    assert.ok(disc !== undefined);
    assert.equal(disc.target, seed.target);
    assert.ok(disc.isReadOnly);
    assert.doesNotMatch(xml, /secret-name/);
    assert.match((await readFile(seed.path)).toString("latin1"), /secret-name/);
    assert.equal((await stat(seed.path)).mode & 0o777, 0o600);
    await assert.rejects(createVm(await host.open(), request({ vm: "vm2" })), {
      code: "HOST_REFUSED",
      details: ["parameter hostname: required; set it with --set"],
    });
  });
});

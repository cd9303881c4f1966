import assert from "node:assert/strict";
import { chmod, copyFile, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { createVm } from "../../src/host/create/create.ts";
import { readInstance } from "../../src/host/instance/instance-xml.ts";
import type { Instance } from "../../src/host/instance/instance.ts";
import { rollbackVm } from "../../src/host/update/rollback.ts";
import { updateVm } from "../../src/host/update/update.ts";
import type { UpdateRequest } from "../../src/host/update/update-request.ts";
import { parseDomain } from "../../src/libvirt/index.ts";
import { digestOf } from "../../src/lib/bytes/digest.ts";
import { testContext } from "../support/context.ts";
import { type HostFixture, openHostFixture, request } from "./fixture.ts";

const MIB = 1024 * 1024;

/** A disk of a version. */
export interface VersionDisk {
  readonly id: string;
  readonly role: "system" | "data" | "scratch";
  readonly sizeMiB: number;
  /** Undefined: it is only a size. */
  readonly format?: "qcow2" | "raw" | "iso";
  /** Device that the descriptor names; null for none. Default: the next one of the order. */
  readonly target?: string | null;
}

/** A version of the appliance `web`. */
export interface Version {
  readonly version: string;
  readonly release: string;
  readonly disks: readonly VersionDisk[];
  readonly os: string;
  readonly features: string;
  readonly vcpu: number;
  readonly memoryKiB: number;
  readonly interfaces: number;
  /** Added to `<domain>`. */
  readonly domain: string;
  /** Added behind the name. */
  readonly more: string;
}

/** The disks of the first version. */
export const firstDisks: readonly VersionDisk[] = [
  { id: "system", role: "system", sizeMiB: 4, format: "qcow2" },
  { id: "data", role: "data", sizeMiB: 4, format: "raw" },
  { id: "scratch", role: "scratch", sizeMiB: 8 },
];

function descriptor(of: Version): string {
  const drives = of.disks.map(({ id, target: told }, n) => {
    const target = told === undefined ? `vd${"abcdef"[n]}` : told;
    return target === null ? `<drive disk="${id}"/>` : `<drive disk="${id}" target="${target}"/>`;
  });
  const disks = of.disks.map(({ id, role, sizeMiB, format = "raw" }) => {
    const extension = format === "qcow2" || format === "iso" ? format : "raw";
    return `<disk id="${id}" file="${id}.${extension}" use="${role}" size="${sizeMiB}" format="${format}"/>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<image xmlns:va="http://virt-appliance/descriptor/1">
  <name version="${of.version}" release="${of.release}">web</name>${of.more}
  <domain>
    <boot type="hvm">
      <guest><arch>i686</arch><features>${of.features}</features></guest>
      <os>${of.os}</os>
      ${drives.join("\n      ")}
    </boot>
    <devices><vcpu>${of.vcpu}</vcpu><memory>${of.memoryKiB}</memory>${"<interface/>".repeat(of.interfaces)}</devices>
    ${of.domain}
  </domain>
  <storage>${disks.join("\n    ")}</storage>
</image>
`;
}

async function makeBase(file: string, disk: VersionDisk): Promise<void> {
  const bytes = disk.sizeMiB * MIB;
  if (disk.format === "qcow2")
    await testContext().run("qemu-img", ["create", "-q", "-f", "qcow2", file, String(bytes)]);
  else await writeFile(file, Buffer.alloc(bytes, `${path.basename(file)} `));
}

/** Puts a version of `web` into catalogue and pool, as its package would. */
export async function addVersion(host: HostFixture, changes: Partial<Version> = {}): Promise<void> {
  const of: Version = {
    version: "1.0",
    release: "1",
    disks: firstDisks,
    os: '<loader dev="hd"/>',
    features: "<acpi/>",
    vcpu: 2,
    memoryKiB: 262144,
    interfaces: 1,
    domain: "",
    more: "",
    ...changes,
  };
  const vr = `${of.version}-${of.release}`;
  const at = (name: string): string => path.join(host.paths.baseDir, `web-appliance-${vr}-${name}`);
  const measure = async (name: string): Promise<Record<string, unknown>> => {
    const file = at(name);
    await chmod(file, 0o444);
    const { size } = await stat(file);
    return { file: path.basename(file), bytes: size, sha256: digestOf(await readFile(file)) };
  };
  const bases: unknown[] = [];
  for (const disk of of.disks) {
    if (disk.format === undefined) continue;
    const name = `${disk.id.replace(/\.\w+$/, "")}.${disk.format}`;
    await makeBase(at(name), disk);
    const { id, role, format, sizeMiB } = disk;
    const facts = { disk: id, role, format, virtualSizeBytes: sizeMiB * MIB };
    bases.push({ ...facts, ...(await measure(name)) });
  }
  const empty = of.disks
    .filter((disk) => disk.format === undefined)
    .map(({ id, role, sizeMiB }) => ({ disk: id, role, virtualSizeBytes: sizeMiB * MIB }));
  const files: Record<string, unknown> = {};
  for (const name of ["kernel", "initrd"]) {
    if (!of.os.includes(`<${name}>`)) continue;
    await writeFile(at(name), `${name} of ${vr}`);
    files[name] = await measure(name);
  }
  const folder = path.join(host.paths.catalogueDir, `web-appliance-${vr}`);
  await mkdir(folder, { recursive: true });
  const catalogue = {
    schema: 1,
    name: "web",
    package: "web-appliance",
    version: of.version,
    release: of.release,
    arch: "x86_64",
    label: "Web",
    payloadDir: path.join(host.paths.payloadDir, "web-appliance", vr),
    osinfoIds: [`http://virt-appliance/web/${vr}`],
    bases,
    empty,
    ...files,
  };
  await writeFile(path.join(folder, "catalogue.json"), JSON.stringify(catalogue));
  await writeFile(path.join(folder, "appliance.xml"), descriptor(of));
}

/** Opens a host with `web` 1.0, by default also 1.1, and a VM `vm1` of 1.0 that is off. */
export async function openUpdateFixture(next: Partial<Version> = {}): Promise<HostFixture> {
  const host = await openHostFixture();
  await addVersion(host);
  await createVm(await host.open(), request({ start: false }));
  await addVersion(host, { version: "1.1", ...next });
  return host;
}

/** What is asked of `update`, changed as told. */
export function updateRequest(overrides: Partial<UpdateRequest> = {}): UpdateRequest {
  return {
    to: undefined,
    stopSeconds: undefined,
    start: "as-before",
    verify: undefined,
    ...overrides,
  };
}

/** What a VM's metadata says. */
export async function instanceOf(host: HostFixture, vm = "vm1"): Promise<Instance> {
  const instance = readInstance(await host.libvirt.dumpXml(vm));
  if (instance === undefined) throw new TypeError(`${vm} has no metadata`);
  return instance;
}

/** Changes the definition of a VM as an administrator would. */
export async function editDomain(
  host: HostFixture,
  edit: (xml: string) => string,
  vm = "vm1",
): Promise<void> {
  const xml = await host.libvirt.dumpXml(vm);
  const edited = edit(xml);
  if (edited === xml) throw new TypeError("the edit changes nothing");
  await host.libvirt.defineDomain(edited);
}

/** UUID of a clone. */
export const CLONE_UUID = "11111111-2222-3333-4444-555555555555";

/** Copies a VM as virt-clone does: name, UUID and disks are its own, all else, our metadata included, the original's. */
export async function cloneVm(host: HostFixture, from: string, to: string): Promise<void> {
  const xml = await host.libvirt.dumpXml(from);
  const own = (file: string): string =>
    path.join(path.dirname(file), path.basename(file).replace(from, to));
  for (const { source } of parseDomain(xml).disks)
    if (source !== undefined) await copyFile(source, own(source));
  const clone = xml
    .replace(`<name>${from}</name>`, `<name>${to}</name>`)
    .replace(/<uuid>[^<]*/, `<uuid>${CLONE_UUID}`)
    .replaceAll(/(<disk [^]*?<source file=")([^"]*)/g, (_, before: string, file: string) => {
      return before + own(file);
    });
  await host.libvirt.defineDomain(clone);
}

/** What tests do with `vm1` again and again. */
export interface UpdateTools {
  readonly disk: (name: string) => string;
  /** Names of all disks. */
  readonly names: () => Promise<readonly string[]>;
  /** Updates it; returns the notes. */
  readonly update: (overrides?: Partial<UpdateRequest>) => Promise<readonly string[]>;
  readonly rollback: () => Promise<readonly string[]>;
  /** Expects an update to be refused and nothing to be changed; returns the reasons. */
  readonly refusal: (overrides?: Partial<UpdateRequest>) => Promise<string>;
  /** Writes to the first mebibytes of a disk. */
  readonly drawOn: (file: string, mebibytes: number) => Promise<void>;
}

/** Returns tools for the host of the moment. */
export function updateTools(host: () => HostFixture): UpdateTools {
  return {
    disk: (name) => path.join(host().paths.diskDir, name),
    names: async () => {
      const names = await readdir(host().paths.diskDir);
      return names.filter((name) => name !== "appliances").sort();
    },
    update: async (overrides = {}) => {
      const done = await updateVm(await host().open(), "vm1", updateRequest(overrides));
      assert.ok(done !== undefined);
      return done.operation.notes;
    },
    rollback: async () => {
      const request = { stopSeconds: undefined, start: "as-before" } as const;
      return (await rollbackVm(await host().open(), "vm1", request)).notes;
    },
    refusal: async (overrides = {}) => {
      const before = await host().files();
      const xml = await host().libvirt.dumpXml("vm1");
      try {
        await updateVm(await host().open(), "vm1", updateRequest(overrides));
      } catch (error) {
        assert.ok(error instanceof ApplianceError, String(error));
        assert.equal(error.code, "HOST_REFUSED", error.message);
        assert.deepEqual(await host().files(), before);
        assert.equal(await host().libvirt.dumpXml("vm1"), xml);
        return error.details.join("\n");
      }
      return assert.fail("it was not refused");
    },
    drawOn: async (file, mebibytes) => {
      await testContext().run("qemu-io", ["-c", `write 0 ${mebibytes}M`, file]);
    },
  };
}

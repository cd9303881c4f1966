import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { checkBase, rememberBases } from "../../src/host/catalogue/base.ts";
import { readCatalogue } from "../../src/host/catalogue/catalogue.ts";
import { baseFilesOf } from "../../src/host/catalogue/catalogue-entry.ts";
import type { GcPlan } from "../../src/host/gc/plan-gc.ts";
import type { LocalHost } from "../../src/host/access/local-host.ts";
import type { EffectHook } from "../../src/lib/journal/effects.ts";
import type { MemoryLibvirtState } from "../../src/libvirt/index.ts";
import { testContext } from "../support/context.ts";
import { addAppliance, type HostFixture, openHostFixture } from "./fixture.ts";

const DAY_MS = 86_400_000;
/** The bases of version 1.0 of `web`. */
export const SYSTEM = "web-appliance-1.0-1-system.qcow2";
export const DATA = "web-appliance-1.0-1-data.raw";
/** The first bytes of a qcow2 image whose header cannot be read. */
export const DAMAGED_QCOW2: Buffer = Buffer.from("514649fb00000063", "hex");
/** The path of a file beside the disks of VMs. */
export const images = (host: HostFixture, name: string): string =>
  path.join(host.paths.diskDir, name);

/** The path of a base. */
export const base = (host: HostFixture, name: string): string =>
  path.join(host.paths.baseDir, name);

/** What a host usually waits. */
export const WEEK: { readonly graceMs: number } = { graceMs: 7 * DAY_MS };

/** Opens a host a while after what is on its disk was made. */
export async function openLater(
  host: HostFixture,
  options: { readonly days?: number; readonly hook?: EffectHook } = {},
): Promise<LocalHost> {
  const opened = await host.open(options.hook ?? {});
  const days = options.days ?? 30;
  const now = (): Date => new Date(Date.now() + days * DAY_MS);
  return { ...opened, context: { ...opened.context, now } };
}

/** Writes down the digests of all bases of installed packages, as `reconcile` does. */
export async function recordBases(host: HostFixture): Promise<void> {
  const opened = await host.open();
  for (const entry of (await readCatalogue(host.paths)).entries) {
    for (const base of baseFilesOf(entry))
      await rememberBases([await checkBase(base, opened)], opened);
  }
}

/** Removes a package as dnf does: the catalogue entry is removed, the bases are kept. */
export async function removePackage(host: HostFixture, version: string): Promise<void> {
  await rm(path.join(host.paths.catalogueDir, `web-appliance-${version}-1`), { recursive: true });
}

/** Installs versions of `web` and removes some of them. */
export async function installAndRemove(
  host: HostFixture,
  installed: readonly string[],
  removed: readonly string[],
): Promise<void> {
  for (const version of [...installed, ...removed]) await addAppliance(host, { version });
  await recordBases(host);
  for (const version of removed) await removePackage(host, version);
}

/** Opens a host that has the bases of version 1.0 of `web`, but no longer its package. */
export async function openWithUnusedBases(
  libvirt: (root: string) => MemoryLibvirtState = () => ({}),
): Promise<HostFixture> {
  const host = await openHostFixture(libvirt);
  await installAndRemove(host, [], ["1.0"]);
  return host;
}

/** Names of all files in the folder of bases, hidden ones too. */
export async function basesOf(host: HostFixture): Promise<readonly string[]> {
  return (await readdir(host.paths.baseDir)).sort();
}

/** Makes an image that rests on another one, named just so in its header. */
export async function overlay(
  file: string,
  backing: string,
  options: { readonly format?: string; readonly backingFormat?: string } = {},
): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const { format = "qcow2", backingFormat = "qcow2" } = options;
  const args = ["create", "-q", "-u", "-f", format, "-b", backing, "-F", backingFormat];
  await testContext().run("qemu-img", [...args, file, "4M"]);
}

/** A domain with these disks and nothing else. */
export function domainXml(name: string, disks: readonly string[], more = ""): string {
  const list = disks.map(
    (file, index) =>
      `<disk type="file" device="disk"><driver name="qemu" type="qcow2"/><source file="${file}"/><target dev="vd${"abcdef"[index]}"/></disk>`,
  );
  return `<domain type="test"><name>${name}</name><uuid>11111111-2222-3333-4444-${"0".repeat(12)}</uuid>
    <memory>1024</memory><os><type arch="i686">hvm</type></os><devices>${list.join("")}${more}</devices></domain>`;
}

/** Writes a file and the folders above it. */
export async function put(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
}

/** The state of a base in a plan. */
export function stateOf(plan: GcPlan, file: string): string {
  const kept = plan.kept.find((each) => each.file === file)?.state;
  return kept ?? (plan.unused.some((each) => each.file === file) ? "unused" : "missing");
}

/** Why a base is kept. */
export function reasonsFor(plan: GcPlan, file: string): readonly string[] {
  return plan.kept.find((each) => each.file === file)?.reasons ?? [];
}

import { lstat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { isImageMode, packageAdvice } from "../../lib/image-mode.ts";
import {
  type Domain,
  type DomainSurvey,
  parseDomain,
  readDomainXml,
  surveyedLibvirt,
} from "../../libvirt/index.ts";
import { readBaseRecord } from "../catalogue/base-record.ts";
import type { LocalHost } from "../access/local-host.ts";
import type { BaseReference, Generation, Instance } from "../instance/instance.ts";
import { readInstance } from "../instance/instance-xml.ts";
import { readMachine } from "../machine/read-machine.ts";
import { resolveVolumes } from "../machine/resolve-volumes.ts";
import { checkRecord } from "./check-record.ts";
import type { Finding } from "./finding.ts";
import { findMissingLayer } from "./missing-layer.ts";

function error(subject: string, code: string, what: string, todo: string): Finding {
  return { severity: "error", code, subject, what, todo, repair: null };
}

async function isMissing(file: string): Promise<boolean> {
  return (await lstat(file).catch(() => undefined)) === undefined;
}

function packageOf(instance: Instance, generation: Generation): string {
  return `${instance.package}-${generation.version}-${generation.release}`;
}

/** Returns the bases that a generation needs in order to start. */
function basesOf(generation: Generation): readonly BaseReference[] {
  const disks = generation.disks.filter(({ kind }) => kind === "overlay" || kind === "base");
  return disks.flatMap(({ base }) => base ?? []);
}

/** Checks the files that the VM's metadata names. */
async function checkInstance(
  host: LocalHost,
  vm: string,
  instance: Instance,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const generation of [instance.current, instance.previous]) {
    if (generation === undefined) continue;
    const name = packageOf(instance, generation);
    for (const { path: file, sha256 } of basesOf(generation)) {
      if (await isMissing(file)) {
        const mode = { isImageMode: await isImageMode(host.paths.root) };
        const todo = `${packageAdvice("install", mode, name)}; then run virt-appliance reconcile`;
        findings.push(error(vm, "base-missing", `is backed by ${file}, which is missing`, todo));
        continue;
      }
      const record = await readBaseRecord(host.paths, path.basename(file));
      if (record === undefined || record.sha256 === sha256) continue;
      const what = `was created on ${file} with SHA-256 ${sha256}, but the file now has ${record.sha256}`;
      const todo = "do not start it; restore the base from the package or a backup";
      findings.push(error(vm, "base-differs", what, todo));
    }
  }
  const files = [
    instance.current.kernel,
    instance.current.initrd,
    instance.seed,
    ...(instance.previous?.disks ?? []).filter(({ kind }) => kind !== "base"),
  ].flatMap((file) => file?.path ?? []);
  for (const file of new Set(files)) {
    if (!(await isMissing(file))) continue;
    const todo = "restore it from a backup, or destroy the VM";
    findings.push(error(vm, "file-missing", `needs ${file}, which is missing`, todo));
  }
  return findings;
}

/**
 * Checks the backing files of a domain's disks, whatever created the domain.
 *
 * @param domain.disks  with file names instead of volumes
 */
async function checkDisks(
  vm: string,
  { disks }: Pick<Domain, "disks">,
  told: ReadonlySet<string> = new Set(),
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { source, sourceType, device } of disks) {
    if (source === undefined || sourceType !== "file" || device !== "disk") continue;
    try {
      const missing = await findMissingLayer(source);
      if (missing === undefined || told.has(missing)) continue;
      const isOwn = missing === source;
      const what = isOwn
        ? `has the disk ${source}, which is missing`
        : `has the disk ${source}, which is backed by ${missing}, which is missing`;
      const todo = isOwn
        ? "restore it from a backup, or undefine the domain"
        : "restore the missing file; the VM does not start without it";
      findings.push(error(vm, isOwn ? "disk-missing" : "base-missing", what, todo));
    } catch (cause) {
      if (!(cause instanceof ApplianceError)) throw cause;
      const todo = "find out why it cannot be read";
      findings.push(
        error(vm, "disk-unreadable", `has a disk that cannot be read: ${cause.message}`, todo),
      );
    }
  }
  return findings;
}

async function checkDomain(host: LocalHost, vm: string, xml: string): Promise<readonly Finding[]> {
  const definition = readDomainXml(xml, vm);
  const resolved = (): Promise<Domain> => resolveVolumes(host.libvirt, parseDomain(definition, vm));
  try {
    const instance = readInstance(definition);
    if (instance === undefined) return await checkDisks(vm, await resolved());
    const machine = await readMachine(host, { vm, xml: definition, instance });
    const told = new Set(basesOf(instance.current).map((base) => base.path));
    return [
      ...(await checkInstance(host, vm, instance)),
      ...checkRecord(vm, instance, machine),
      ...(await checkDisks(vm, machine.domain, told)),
    ];
  } catch (cause) {
    if (!(cause instanceof ApplianceError)) throw cause;
    const todo = cause.hint ?? "virt-appliance adopt rewrites it";
    if (cause.code === "HOST_METADATA_BAD")
      return [error(vm, "metadata-bad", `has unusable metadata: ${cause.message}`, todo)];
    if (cause.code !== "HOST_METADATA_FOREIGN") throw cause;
    const what = "carries the metadata of another VM (clone?)";
    return [error(vm, "metadata-foreign", what, todo), ...(await checkDisks(vm, await resolved()))];
  }
}

/** Finds domains without a base, a disk, a kernel or usable metadata. */
export async function checkDomains(
  host: LocalHost,
  survey: DomainSurvey | ApplianceError,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  try {
    if (survey instanceof ApplianceError) throw survey;
    const asked: LocalHost = { ...host, libvirt: surveyedLibvirt(host.libvirt, survey) };
    const work = { count: survey.domains.length, of: "domains" };
    const task = host.context.progress.start("reading domains", work);
    try {
      for (const { name, xml } of survey.domains) {
        findings.push(...(await checkDomain(asked, name, xml)));
        task.advance(1);
      }
    } finally {
      task.done();
    }
    for (const { domain, error: cause } of survey.failures) {
      const todo = cause.hint ?? "see libvirt's log";
      const what = `cannot be read from libvirt: ${cause.message}`;
      findings.push(error(domain, "domain-unreadable", what, todo));
    }
  } catch (cause) {
    if (!(cause instanceof ApplianceError) || cause.code === "LIB_INTERRUPTED") throw cause;
    const what = `cannot list its domains: ${cause.message}`;
    const todo = cause.hint ?? "see libvirt's log";
    findings.push(error(host.uri, "libvirt-silent", what, todo));
  }
  return findings;
}

import { ApplianceError, aboutSubject } from "../../errors.ts";
import { closestOf } from "../../lib/closest.ts";
import type { Libvirt } from "../../libvirt/index.ts";
import type { Instance } from "./instance.ts";
import { readInstance } from "./instance-xml.ts";
import { type DomainSource, surveyDomains } from "../access/survey-domains.ts";

/** A VM created from an appliance, with its domain. */
export interface FoundInstance {
  readonly vm: string;
  readonly isActive: boolean;
  /** Definition for the next start. */
  readonly xml: string;
  readonly instance: Instance;
}

/** VMs created from appliances, and those whose metadata cannot be read. */
export interface FoundInstances {
  /** By name. */
  readonly instances: readonly FoundInstance[];
  readonly problems: readonly string[];
}

/** Finds all VMs created from appliances on a connection. */
export async function findInstances(host: DomainSource): Promise<FoundInstances> {
  const instances: FoundInstance[] = [];
  const { domains, failures } = await surveyDomains(host, "next start");
  const problems = failures.map(({ domain, error }) => aboutSubject(domain, error.message));
  for (const { name, isActive, xml } of domains) {
    try {
      const instance = readInstance(xml);
      if (instance !== undefined) instances.push({ vm: name, isActive, xml, instance });
    } catch (error) {
      if (!(error instanceof ApplianceError)) throw error;
      problems.push(aboutSubject(name, error.message));
    }
  }
  return { instances, problems };
}

/**
 * Finds one VM created from an appliance.
 *
 * @throws ApplianceError `HOST_UNKNOWN_VM` if the VM does not exist or was not created from an appliance;
 *   `HOST_METADATA_FOREIGN` if it is a clone
 */
export async function findInstance(libvirt: Libvirt, vm: string): Promise<FoundInstance> {
  const domains = await libvirt.listDomains();
  const entry = domains.find((domain) => domain.name === vm);
  if (entry === undefined) {
    throw new ApplianceError("HOST_UNKNOWN_VM", `${vm}: no such VM`, {
      details: closestOf(
        vm,
        domains.map(({ name }) => name),
      ).slice(0, 3),
      hint: "virt-appliance vms lists VMs created from appliances",
    });
  }
  const xml = await libvirt.dumpXml(vm);
  const instance = readInstance(xml);
  if (instance !== undefined) return { vm, isActive: entry.isActive, xml, instance };
  throw new ApplianceError("HOST_UNKNOWN_VM", `${vm}: not created from an appliance`, {
    hint: "virt-appliance adopt takes it over if its disk is backed by an appliance's base",
  });
}

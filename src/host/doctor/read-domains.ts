import { ApplianceError } from "../../errors.ts";
import type { DomainSurvey } from "../../libvirt/index.ts";
import type { LocalHost } from "../access/local-host.ts";
import { surveyDomains } from "../access/survey-domains.ts";

/** Returns all domains of a host, read once for all checks, or the error if libvirt cannot list them. */
export async function readDomains(host: LocalHost): Promise<DomainSurvey | ApplianceError> {
  try {
    return await surveyDomains(host, "everything");
  } catch (error) {
    if (error instanceof ApplianceError && error.code !== "LIB_INTERRUPTED") return error;
    throw error;
  }
}

import { applyOperation } from "../operation/apply-operation.ts";
import { beginOnVm } from "../operation/begin-on-vm.ts";
import type { LocalHost } from "../access/local-host.ts";
import { readExportState } from "./export-state.ts";
import type { ExportRequest } from "./export-request.ts";
import { type ExportOperation, planExport } from "./plan-export.ts";

/**
 * Returns the operation that writes a VM into a folder. Changes nothing.
 *
 * @throws ApplianceError `HOST_REFUSED` with every reason against it; `HOST_UNKNOWN_VM`; `SOURCE_INEXPRESSIBLE`
 */
export async function prepareExport(
  host: LocalHost,
  vm: string,
  request: ExportRequest,
): Promise<ExportOperation> {
  return planExport(await readExportState(host, vm, request), request);
}

/** Writes a VM into a folder that `build` can package. The folder appears complete or not at all. */
export async function exportVm(
  host: LocalHost,
  vm: string,
  request: ExportRequest,
): Promise<ExportOperation> {
  await using _lock = await beginOnVm(host, vm, "export");
  const operation = await prepareExport(host, vm, request);
  for (const note of operation.notes) host.context.logger.warn(note);
  await applyOperation(host, operation);
  return operation;
}

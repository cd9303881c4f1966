import path from "node:path";
import { aboutSubject } from "../../errors.ts";
import { readPlainText } from "../../lib/plain-file.ts";
import { refreshPools } from "../access/refresh-pools.ts";
import { applyOperation } from "../operation/apply-operation.ts";
import { beginOnVm } from "../operation/begin-on-vm.ts";
import type { LocalHost } from "../access/local-host.ts";
import type { Generation } from "../instance/instance.ts";
import { readChain } from "../machine/real-chain.ts";
import { readAcceptState } from "./accept.ts";
import { planRollback, type RollbackOperation, type RollbackRequest } from "./plan-rollback.ts";
import { checkGeneration } from "./update-state.ts";

/**
 * Returns one problem for each disk of a version whose backing files differ from its record. Writing the recorded ones
 * into the domain would corrupt them.
 */
async function chainProblems(
  { disks }: Generation,
  host: Pick<LocalHost, "paths">,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { id, role, kind, path: file, format, base, layers = [] } of disks) {
    if (kind === "base" || role === "data") continue;
    const { baseDir } = host.paths;
    const chain = await readChain(file, { baseDir, isRaw: format !== "qcow2" });
    const found = [...chain.layers.slice(1).map((layer) => layer.path), chain.base ?? []].flat();
    const wanted = [...layers.map((layer) => layer.path), kind === "overlay" ? base?.path : []]
      .flat()
      .filter((each) => each !== undefined);
    if (chain.problem !== undefined) problems.push(aboutSubject(`disk ${id}`, chain.problem));
    else if (chain.missing === undefined && found.join("\n") !== wanted.join("\n"))
      problems.push(
        `disk ${id}: ${file} is backed by ${found.join(", ") || "nothing"}, but the record names ${wanted.join(", ") || "nothing"}`,
      );
  }
  return problems;
}

/**
 * Returns the operation that rolls a VM back to its previous version. Changes nothing.
 *
 * @throws ApplianceError `HOST_UNKNOWN_VM`, `HOST_REFUSED` with every reason against it
 */
export async function prepareRollback(
  host: LocalHost,
  vm: string,
  request: RollbackRequest,
): Promise<RollbackOperation> {
  const state = await readAcceptState(host, vm);
  const { previous } = state.found.instance;
  const file = previous?.definition;
  const definition =
    file === undefined ? undefined : await readPlainText(file).catch(() => undefined);
  const previousBaseProblems =
    previous === undefined
      ? []
      : [...(await checkGeneration(previous, host)), ...(await chainProblems(previous, host))];
  return planRollback({ ...state, definition, previousBaseProblems }, request);
}

/**
 * Rolls a VM back to its previous version. Data disks are not changed.
 *
 * @param onPlan  called with the plan before anything is changed
 * @throws ApplianceError as {@link prepareRollback}; `HOST_STILL_RUNNING`
 */
export async function rollbackVm(
  host: LocalHost,
  vm: string,
  request: RollbackRequest & { readonly onPlan?: (operation: RollbackOperation) => void },
): Promise<RollbackOperation> {
  await using _lock = await beginOnVm(host, vm, "rollback");
  const operation = await prepareRollback(host, vm, request);
  request.onPlan?.(operation);
  await applyOperation(host, operation);
  await refreshPools(
    host,
    operation.removed.map((file) => path.dirname(file.path)),
  );
  return operation;
}

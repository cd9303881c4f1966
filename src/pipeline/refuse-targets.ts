import { ApplianceError } from "../errors.ts";
import type { Context } from "../lib/context.ts";
import { judgeForTargets, parseKeyring, type Signer, type TargetName } from "../sign/index.ts";

/** Systems that must be able to install a package. */
export interface TargetRequest {
  readonly targets?: readonly TargetName[] | undefined;
  readonly signer?: Signer | undefined;
}

/**
 * Refuses a package that was just built if one of the systems could not install it.
 *
 * @throws ApplianceError `RPM_TARGET` with every reason and its system
 */
export async function refuseForTargets(
  built: { readonly path: string; readonly name: string },
  { targets = [], signer }: TargetRequest,
  context: Context,
): Promise<void> {
  if (targets.length === 0) return;
  const keyring =
    signer === undefined
      ? { keys: [] }
      : await parseKeyring(Buffer.from(signer.publicKey), "the signing key");
  const verdicts = await judgeForTargets(built.path, targets, { keyring, now: context.now() });
  const bad = verdicts.filter(({ ok }) => !ok);
  if (bad.length === 0) return;
  const names = bad.map(({ target }) => target).join(", ");
  throw new ApplianceError("RPM_TARGET", `${built.name}: cannot be installed on ${names}`, {
    details: bad.flatMap(({ target, reasons }) =>
      reasons.map(({ code, message }) => `${target}: ${message} [${code}]`),
    ),
    hint: "change what these reasons name, or leave the systems out of --for",
  });
}

import { ApplianceError } from "../../errors.ts";

/** A signer outside of this process, as `--signer` names it. */
export type OutsideSigner =
  | { readonly kind: "gpg"; readonly keyId: string }
  | { readonly kind: "exec"; readonly program: string };

/**
 * Parses the value of `--signer`.
 *
 * @throws ApplianceError `CLI_USAGE`
 */
export function parseSigner(text: string): OutsideSigner {
  const [, kind, value = ""] = /^(gpg|exec):(.+)$/s.exec(text) ?? [];
  if (kind === "gpg") return { kind, keyId: value };
  if (kind === "exec") return { kind, program: value };
  throw new ApplianceError(
    "CLI_USAGE",
    `--signer: "${text}", expected gpg:KEYID or exec:PROGRAM with the path of a program`,
  );
}

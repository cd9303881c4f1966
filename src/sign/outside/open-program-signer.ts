import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import { countOf } from "../../lib/count-of.ts";
import type { Context } from "../../lib/context.ts";
import { chooseSigningPart } from "../choose-signing-part.ts";
import type { Keyring } from "../keyring.ts";
import type { Signer } from "../signer.ts";
import { makeOutsideSigner } from "./make-outside-signer.ts";
import { runSigner, type SignerRun } from "./run-signer.ts";

/** A program that makes signatures, and its key. */
export interface ProgramSignerRequest extends SignerRun {
  /** Path of the program, which is run without arguments. */
  readonly program: string;
  /** Public half of the key; exactly one key. */
  readonly keyring: Keyring;
  /**
   * End of the fingerprint of the subkey that signs, or of the primary key, lower case. Default: the primary key if it can
   * sign, otherwise the first subkey that can.
   */
  readonly part?: string | undefined;
}

async function refuseNoProgram(program: string): Promise<void> {
  const fact = await stat(program).then(
    (stats) => (stats.isFile() ? undefined : "not a program"),
    () => "no such program",
  );
  if (fact !== undefined) {
    throw new ApplianceError("LIB_EXEC_MISSING", `${program}: ${fact}`, {
      hint: "name one program by its path; a script can run it with arguments",
    });
  }
  await access(program, constants.X_OK).catch((error: unknown) => {
    throw new ApplianceError("LIB_EXEC_MISSING", `${program}: not executable`, {
      cause: error,
      hint: `chmod +x makes a script executable`,
    });
  });
}

/** The program is there, so what the kernel did not find is the interpreter of a script. */
function withoutInterpreter(error: unknown, program: string): unknown {
  if (!(error instanceof ApplianceError) || error.code !== "LIB_EXEC_MISSING") return error;
  return new ApplianceError("LIB_EXEC_MISSING", `${program}: cannot be run`, {
    cause: error,
    hint: "install the interpreter that its first line names, or name another one there",
  });
}

/**
 * Opens a key whose signatures a program makes, for example with a key management service or a hardware security module.
 * For each signature the program runs once, without a shell and without arguments. It reads the bytes to be signed from
 * standard input, and writes one OpenPGP signature (version 4, binary or armored) to standard output. Its environment
 * has `VIRT_APPLIANCE_SIGNER_FINGERPRINT`, the key in upper case, and, in Unix seconds,
 * `VIRT_APPLIANCE_SIGNER_CREATED` and, if the signature expires, `VIRT_APPLIANCE_SIGNER_EXPIRES`.
 *
 * @throws ApplianceError `LIB_EXEC_MISSING` if there is no such program, `SIGN_KEY_BAD` if there is not exactly one key,
 *   `SIGN_KEY_EXPIRED`, `SIGN_KEY_REVOKED`, `SIGN_KEY_UNUSABLE`; the signer's `sign` also `SIGN_SIGNER_FAILED`,
 *   `SIGN_SIGNER_BAD_ANSWER`
 */
export async function openProgramSigner(
  request: ProgramSignerRequest,
  context: Pick<Context, "run" | "now">,
): Promise<Signer> {
  const program = path.resolve(request.program);
  await refuseNoProgram(program);
  const { keys } = request.keyring;
  const [publicKey] = keys;
  if (publicKey === undefined || keys.length > 1) {
    throw new ApplianceError(
      "SIGN_KEY_BAD",
      `${program}: found ${countOf(keys.length, "public key")}, expected the one that it signs with`,
    );
  }
  const halves = { publicKey, holdsSecret: () => true, place: program, only: request.part };
  const part = await chooseSigningPart(halves, program, context.now());
  return makeOutsideSigner(
    {
      origin: program,
      publicKey,
      part,
      ask: (bytes, { createdSeconds, lifetimeSeconds }) => {
        const variables: Record<string, string> = {
          VIRT_APPLIANCE_SIGNER_FINGERPRINT: part.fingerprint.toUpperCase(),
          VIRT_APPLIANCE_SIGNER_CREATED: String(createdSeconds),
          ...(lifetimeSeconds === undefined
            ? {}
            : { VIRT_APPLIANCE_SIGNER_EXPIRES: String(createdSeconds + lifetimeSeconds) }),
        };
        return runSigner([program], { ...request, input: bytes, variables }, context).catch(
          (error: unknown) => {
            throw withoutInterpreter(error, program);
          },
        );
      },
    },
    context,
  );
}

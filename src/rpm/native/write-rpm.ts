import type { FileHandle } from "node:fs/promises";
import path from "node:path";
import { writeAtomically } from "../../lib/atomic.ts";
import type { Context } from "../../lib/context.ts";
import { writeAll } from "../../lib/bytes/write-all.ts";
import type { PackagePlan } from "../../package/index.ts";
import type { BuildFolders, BuiltRpm } from "../engine.ts";
import { encodeLead, LEAD_BYTES } from "../format/lead.ts";
import type { RpmFormat } from "../format/rpm-format.ts";
import { archiveBlocks } from "./archive-blocks.ts";
import { composeHeader, placeholderDigests } from "./compose-header.ts";
import { composeSignatureHeader, signatureHeaderBytes } from "./compose-signature-header.ts";
import { evrOf } from "./dependencies.ts";
import { layOut, type Layout } from "./layout.ts";
import { measureStaged, type StagedFile } from "./staged-file.ts";
import { writePayload } from "./write-payload.ts";

interface PackageInput {
  readonly plan: PackagePlan;
  readonly layout: Layout;
  readonly staged: ReadonlyMap<string, StagedFile>;
  readonly signatureSpace: number | undefined;
}

/**
 * Writes the payload first, after the space for the headers, then the headers, which contain its digest.
 *
 * @returns the size of the package in bytes
 */
async function writePackage(
  input: PackageInput,
  handle: FileHandle,
  context: Context,
): Promise<number> {
  const { plan, layout, staged } = input;
  const sizeBytes = signatureHeaderBytes(input.signatureSpace);
  const headerStart = LEAD_BYTES + sizeBytes;
  const headerBytes = composeHeader(plan, layout, placeholderDigests(layout)).length;
  const totalBytes = Array.from(staged.values()).reduce((sum, file) => sum + file.sizeBytes, 0);
  const progress = context.progress.start(`packaging ${plan.name}`, totalBytes);
  const sha256s = new Map<number, string>();
  try {
    const { signal } = context;
    const onBytes = (bytes: number): void => progress.advance(bytes);
    const payload = await writePayload(
      (nextBuffer) => archiveBlocks({ layout, staged, nextBuffer, signal, onBytes }, sha256s),
      { handle, start: headerStart + headerBytes },
      {
        compression: plan.payload,
        format: layout.format,
        archiveBytes: layout.archiveBytes,
        context,
      },
    );
    const header = composeHeader(plan, layout, {
      ...payload,
      fileSha256: ({ index }) => sha256s.get(index) ?? "",
    });
    const signatureHeader = composeSignatureHeader(header, {
      format: layout.format,
      headerAndPayloadBytes: header.length + payload.payloadBytes,
      archiveBytes: layout.archiveBytes,
      sizeBytes,
    });
    const lead = encodeLead(`${plan.name}-${evrOf(plan)}`, plan.arch, layout.format);
    const front = Buffer.concat([lead, signatureHeader, header]);
    if (front.length !== headerStart + headerBytes) throw new TypeError("header changed its size");
    await writeAll(handle, front, 0);
    return front.length + payload.payloadBytes;
  } finally {
    progress.done();
  }
}

/**
 * The native engine: writes a valid plan in the chosen format, with space reserved for signatures. Each staged file is
 * read once and the package is written once, in constant memory; the same plan and files give the same bytes.
 *
 * @throws ApplianceError `RPM_INPUT_CHANGED` if a staged file changes during the build; `LIB_NO_SPACE`, `LIB_IO`,
 *   `LIB_INTERRUPTED`, `LIB_EXEC_MISSING`
 */
export async function writeRpm(
  plan: PackagePlan,
  job: {
    readonly folders: BuildFolders;
    readonly format: RpmFormat;
    readonly signatureSpace?: number | undefined;
  },
  context: Context,
): Promise<BuiltRpm> {
  const { folders, format, signatureSpace } = job;
  const staged = await measureStaged(plan, folders.stagingFolder);
  const layout = layOut(plan, (packaged) => staged.get(packaged)?.sizeBytes ?? 0, format);
  const name = `${plan.name}-${plan.version}-${plan.release}.${plan.arch}.rpm`;
  const target = path.join(folders.outputFolder, name);
  const sizeBytes = await writeAtomically(target, (handle) =>
    writePackage({ plan, layout, staged, signatureSpace }, handle, context),
  );
  return { path: target, name, sizeBytes };
}

import { isUtf8 } from "node:buffer";
import { ApplianceError } from "../../errors.ts";
import { keysOf } from "../../lib/keys-of.ts";
import { readSmallFile } from "../../lib/plain-file.ts";
import {
  type EngineChoice,
  type RpmEngineName,
  type RpmFormat,
  rpmFormats,
  rpmEngines,
  signatureSpace,
  type SpecTemplate,
} from "../../rpm/index.ts";
import { type TargetName, targets } from "../../sign/index.ts";

const MAX_TEMPLATE_BYTES = 1024 * 1024;

/** Options of every command that builds packages. */
export const engineOptions: {
  readonly format: {
    readonly choices: readonly RpmFormat[];
    readonly default: RpmFormat;
    readonly describe: string;
  };
  readonly engine: { readonly choices: readonly RpmEngineName[]; readonly describe: string };
  readonly srpm: { readonly type: "boolean"; readonly default: false; readonly describe: string };
  readonly template: { readonly type: "string"; readonly describe: string };
  readonly "signature-space": { readonly type: "number"; readonly describe: string };
} = {
  engine: {
    choices: keysOf(rpmEngines),
    describe:
      "program that writes the package (default: native; rpmbuild with --srpm or --template)",
  },
  format: {
    choices: rpmFormats,
    default: 4,
    describe: "format of the package; 6 is for hosts with rpm 6, and rpm 4.14 and later read it",
  },
  srpm: {
    type: "boolean",
    default: false,
    describe: "build the source package, for mock, Koji and COPR, in place of the package",
  },
  template: {
    type: "string",
    describe: "template of the spec for rpmbuild (default: the installed package.spec.tmpl)",
  },
  "signature-space": {
    type: "number",
    describe: `bytes to reserve for signatures (default: ${signatureSpace.byDefault})`,
  },
};

/** Arguments of {@link engineOptions}. */
export interface EngineArguments {
  readonly format: RpmFormat;
  readonly engine: RpmEngineName | undefined;
  readonly srpm: boolean;
  readonly template: string | undefined;
  readonly signatureSpace: number | undefined;
}

function refuseUnreadableSpace(bytes: number | undefined, names: readonly TargetName[] = []): void {
  if (bytes === undefined) return;
  const { smallest, largest, largestForRpm414 } = signatureSpace;
  const isForOld =
    names.length === 0 || names.some((name) => targets[name].rpm?.join(".") === "4.14");
  const most = isForOld ? largestForRpm414 : largest;
  if (Number.isSafeInteger(bytes) && bytes >= smallest && bytes <= most) return;
  const isTooLarge = bytes > most && bytes <= largest;
  throw new ApplianceError(
    "CLI_USAGE",
    `--signature-space: ${bytes}, expected ${smallest} to ${most} bytes`,
    {
      hint: isTooLarge
        ? "EL 8 and SLE 15 cannot read packages with more; build --for the systems that can"
        : undefined,
    },
  );
}

async function readTemplate(file: string): Promise<SpecTemplate> {
  const content = await readSmallFile(file, { maxBytes: MAX_TEMPLATE_BYTES });
  if (!isUtf8(content)) {
    throw new ApplianceError("RPM_BAD_TEMPLATE", `${file}: not UTF-8, expected a text in UTF-8`);
  }
  const text = content
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n");
  return { name: file, text };
}

/**
 * Returns the engine that the command line chooses.
 *
 * @param targets  systems that must be able to read the package. Default: all
 * @throws ApplianceError `CLI_USAGE` for options of a spec with an engine that has none, and for wrong space for signatures; `LIB_IO`, `LIB_LIMIT_EXCEEDED` for
 *   the template
 */
export async function readEngine(
  args: EngineArguments,
  targets?: readonly TargetName[],
): Promise<EngineChoice> {
  const { format, srpm, template } = args;
  refuseUnreadableSpace(args.signatureSpace, targets);
  const needsSpec = srpm || template !== undefined;
  const engine = args.engine ?? (needsSpec ? "rpmbuild" : "native");
  if (needsSpec && !rpmEngines[engine].usesSpec) {
    const option = srpm ? "--srpm" : "--template";
    throw new ApplianceError("CLI_USAGE", `${option}: cannot be used with --engine ${engine}`);
  }
  return {
    engine,
    format,
    isSource: srpm,
    signatureSpace: args.signatureSpace,
    template: template === undefined ? undefined : await readTemplate(template),
  };
}

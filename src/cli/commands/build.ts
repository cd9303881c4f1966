import path from "node:path";
import { ApplianceError } from "../../errors.ts";
import type { Context } from "../../lib/context.ts";
import { keysOf } from "../../lib/keys-of.ts";
import { trimEndOf } from "../../lib/trim-end.ts";
import {
  buildAppliance,
  type BuildOptions,
  buildRecipe,
  type BuildResult,
  checkSources,
  planBuild,
  planRecipe,
} from "../../pipeline/index.ts";
import { hostLayout, type PayloadCompression } from "../../package/index.ts";
import { checkRepositories } from "../../repodata/index.ts";
import { readStockKickstarts } from "../../site/index.ts";
import { findRecipe } from "../../source/index.ts";
import { type EngineArguments, engineOptions, readEngine } from "../options/engine-options.ts";
import { identityOptions, readIdentity } from "../options/identity-options.ts";
import { maxSizeOption, sourceLimits } from "../options/max-size.ts";
import { keyDescription, openChosenSigner, signingOptions } from "../options/signing-options.ts";
import {
  chosenRepositories,
  chosenTargets,
  forOption,
  repoOption,
} from "../options/target-options.ts";
import { sourceDateEpoch } from "../options/source-date-epoch.ts";
import { type Cli, defineCommand, type Command } from "../command.ts";
import { warnOfProblems } from "../terminal/warn-of-problems.ts";
import { keepRawOption, versionOptions } from "../options/shared-options.ts";

interface BuildArguments extends EngineArguments {
  readonly release: string | undefined;
  readonly applianceVersion: string | undefined;
  readonly packager: string | undefined;
  readonly url: string | undefined;
  readonly changelog: string | undefined;
  readonly payloadCompression: PayloadCompression["compressor"] | undefined;
  readonly payloadDir: string | undefined;
  readonly keepRaw: boolean;
  readonly compat: boolean;
  readonly maxSize: string | undefined;
  readonly sign: string | undefined;
  readonly for: string | undefined;
  readonly repo: readonly string[] | undefined;
  readonly signer: string | undefined;
  readonly keys: string | undefined;
  readonly passphraseFd: number | undefined;
  readonly output: string;
}

/** Fast levels, because the payload contains little that is compressible besides the images. */
const payloadCompressions: Readonly<Record<PayloadCompression["compressor"], PayloadCompression>> =
  {
    none: { compressor: "none" },
    gzip: { compressor: "gzip", level: 6 },
    zstd: { compressor: "zstd", level: 3 },
  };

function checkPayloadFolder(folder: string): void {
  if (/^\/[\w.+~/-]+$/.test(folder) && path.posix.normalize(folder) === folder) return;
  throw new ApplianceError(
    "CLI_USAGE",
    `--payload-dir: "${folder}", expected an absolute path of plain characters without . and ..`,
  );
}

async function buildOptions(args: BuildArguments, cli: Cli): Promise<BuildOptions> {
  if (args.srpm && args.for !== undefined)
    throw new ApplianceError(
      "CLI_USAGE",
      "--for: cannot be used with --srpm, which is not installed",
    );
  const epoch = sourceDateEpoch(cli.environment);
  const targets = chosenTargets(args.for);
  const repositories = chosenRepositories(args.repo, targets);
  await checkRepositories(repositories);
  if (args.payloadDir !== undefined) checkPayloadFolder(args.payloadDir);
  return {
    outputFolder: args.output,
    package: {
      version: args.applianceVersion,
      release: args.release,
      payloadRoot: args.payloadDir === undefined ? undefined : trimEndOf(args.payloadDir, "/"),
      ...(await readIdentity(args, cli)),
      payload:
        args.payloadCompression === undefined
          ? undefined
          : payloadCompressions[args.payloadCompression],
      sourceDateEpoch: epoch,
    },
    images: { keepRaw: args.keepRaw, compression: args.compat ? "zlib" : "zstd" },
    signer: await openChosenSigner({ ...args, key: args.sign, keyOption: "--sign", targets }, cli),
    engine: await readEngine(args, targets),
    targets,
    repositories,
    ...sourceLimits(args),
  };
}

/** Builds the packages of a source: one for an appliance, two for a recipe. */
async function build(
  source: string,
  options: BuildOptions,
  context: Context,
): Promise<readonly BuildResult[]> {
  await using found = await findRecipe(source, context);
  if (found === undefined) return [await buildAppliance(source, options, context)];
  const stock = await readStockKickstarts(hostLayout.kickstartsDir);
  return await buildRecipe(found.folder, { ...options, stock, name: source }, context);
}

/** Returns the plans of the packages, without building them. */
async function plan(
  source: string,
  options: BuildOptions,
  context: Context,
): Promise<readonly Omit<BuildResult, "path">[]> {
  await using found = await findRecipe(source, context);
  if (found === undefined) return [await planBuild(source, options, context)];
  const stock = await readStockKickstarts(hostLayout.kickstartsDir);
  const named = { ...options, stock, name: source };
  const { plans, warnings } = await planRecipe(found.folder, named, context);
  return plans.map((each, index) => ({ plan: each, warnings: index === 0 ? warnings : [] }));
}

function report(result: Pick<BuildResult, "warnings">, context: Context): void {
  warnOfProblems(result.warnings, context.logger);
}

/** `build SOURCE… -o DIR`: builds RPMs from appliances and recipes, and prints their paths on standard output. */
export const command: Command = defineCommand({
  positionals: {
    source: {
      type: "string",
      array: true,
      demandOption: true,
      describe: "tarball or directory of an appliance or a recipe",
    },
  },
  options: {
    output: {
      alias: "o",
      type: "string",
      default: ".",
      describe: "folder for the RPMs and for temporary files",
    },
    sign: {
      type: "string",
      describe: keyDescription("do not sign"),
    },
    signer: signingOptions.signer,
    keys: signingOptions.keys,
    "passphrase-fd": signingOptions["passphrase-fd"],
    ...versionOptions,
    ...identityOptions("the descriptor's"),
    ...engineOptions,
    for: forOption,
    repo: repoOption,
    "keep-raw": keepRawOption,
    compat: {
      type: "boolean",
      default: false,
      describe: "compress qcow2 images with zlib, not zstd, for QEMU before 5.1",
    },
    "payload-dir": {
      type: "string",
      describe: `folder on the host for the payload (default: ${hostLayout.payloadDir})`,
    },
    "payload-compression": {
      choices: keysOf(payloadCompressions),
      describe: "compression of the RPM payload (default: none for images, gzip for recipes)",
    },
    "max-size": maxSizeOption,
    "dry-run": {
      type: "boolean",
      default: false,
      describe: "print the plan as JSON; build nothing",
    },
  },
  examples: [["virt-appliance build web-1.2.tar.gz -o out --sign release", "a signed package"]],
  run: async (args, cli) => {
    const options = await buildOptions(args, cli);
    if (args.source.length > 1) {
      const stock = await readStockKickstarts(hostLayout.kickstartsDir);
      await checkSources(args.source, { ...options, stock }, cli.context);
    }
    const results: BuildResult[] = [];
    const plans: unknown[] = [];
    for (const source of args.source) {
      if (args.dryRun) {
        for (const planned of await plan(source, options, cli.context)) {
          report(planned, cli.context);
          plans.push(planned.plan);
        }
        continue;
      }
      for (const result of await build(source, options, cli.context)) {
        report(result, cli.context);
        if (options.signer === undefined) {
          cli.context.logger.warn(
            `${result.path}: not signed; use --sign or --signer, or virt-appliance sign`,
          );
        }
        results.push(result);
        if (!args.json) cli.print(result.path);
      }
    }
    if (args.dryRun) cli.printJson(plans.length === 1 ? plans[0] : plans);
    else if (args.json) {
      cli.printJson(
        results.map(({ path, plan, warnings }) => ({
          path,
          name: plan.name,
          version: plan.version,
          release: plan.release,
          arch: plan.arch,
          signed: options.signer !== undefined,
          warnings,
        })),
      );
    }
  },
});

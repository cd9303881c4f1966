import { access } from "node:fs/promises";
import { escapeControls } from "../../errors.ts";
import { readKeyring, readNamedKeys, verifyRpm } from "../../sign/index.ts";
import type { Check, Keyring, RpmVerification } from "../../sign/index.ts";
import { keysFolder } from "../keys-folder.ts";
import { defineVerb } from "../verb.ts";
import type { Cli, Verb } from "../verb.ts";

/** Exit status when a package is not as it must be. */
const VERIFICATION_FAILED = 3;

interface KeyArguments {
  readonly key: readonly string[] | undefined;
  readonly keys: string | undefined;
}

/** The keys that were named; without any, the user's own. */
async function chosenKeys(args: KeyArguments, cli: Cli): Promise<Keyring> {
  const own = keysFolder(cli.environment);
  const named = await readNamedKeys(args.key ?? [], args.keys ?? own, cli.context.now());
  if (args.keys !== undefined) {
    const all = await readKeyring({ folders: [args.keys] });
    return { keys: [...named.keys, ...all.keys] };
  }
  if (named.keys.length > 0) return named;
  const exists = await access(own).then(
    () => true,
    () => false,
  );
  return readKeyring({ folders: exists ? [own] : [] });
}

function line({ what, algorithm, status, keyId, detail }: Check): string {
  const key = keyId === undefined ? "" : ` key ${keyId}`;
  const more = detail === undefined ? "" : `  ${escapeControls(detail)}`;
  return `  ${what}${algorithm === undefined ? "" : ` ${algorithm}`}${key}: ${status}${more}`;
}

function print(result: RpmVerification, cli: Cli): void {
  cli.print(`${result.path}: ${result.ok ? "ok" : "NOT OK"}`);
  for (const check of result.checks) cli.print(line(check));
}

/** Answers the JSON document of one package, with each field of a check in its place. */
function verificationDocument({ path, ok, signed, checks }: RpmVerification): unknown {
  return {
    path,
    ok,
    signed,
    checks: checks.map(({ what, algorithm, status, keyId, detail }) => ({
      what,
      algorithm,
      status,
      keyId,
      detail,
    })),
  };
}

/** `verify RPM…`: one line for each digest and signature; status 3 when anything is wrong. */
export const verb: Verb = defineVerb({
  command: "verify <rpm..>",
  describe: "check every digest and signature of packages",
  options: (yargs) =>
    yargs
      .positional("rpm", { type: "string", array: true, demandOption: true, describe: "packages" })
      .option("key", {
        type: "string",
        array: true,
        // Without this it would swallow the packages that follow.
        nargs: 1,
        describe: "public key: a file, a name or a fingerprint",
      })
      .option("keys", { type: "string", describe: "folder with RPM-GPG-KEY-… files" })
      .option("allow-unsigned", {
        type: "boolean",
        default: false,
        describe: "a package without a signature is fine",
      })
      .example(
        "$0 verify web-appliance-1.2-3.x86_64.rpm --key RPM-GPG-KEY-web",
        "check one package",
      ),
  run: async (args, cli) => {
    const keyring = await chosenKeys(args, cli);
    const options = { keyring, allowUnsigned: args.allowUnsigned };
    const results: RpmVerification[] = [];
    for (const path of args.rpm) {
      const result = await verifyRpm(path, options, cli.context);
      if (!args.json) print(result, cli);
      results.push(result);
    }
    if (args.json) cli.printJson(results.map(verificationDocument));
    if (results.some(({ ok }) => !ok)) cli.setExitCode(VERIFICATION_FAILED);
  },
});

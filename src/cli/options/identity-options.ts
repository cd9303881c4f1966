import { isUtf8 } from "node:buffer";
import { ApplianceError } from "../../errors.ts";
import {
  type ChangelogEntry,
  MAX_CHANGELOG_CHARS,
  parseChangelog,
} from "../../lib/parse-changelog.ts";
import { readPlainFile } from "../../lib/plain-file.ts";
import type { Cli } from "../command.ts";

/** An option that takes a text, as yargs types it. */
interface TextOption {
  readonly type: "string";
  readonly describe: string;
}

/** Returns the options for the packager, the project's URL and the changelog of a package. */
export function identityOptions(
  byDefault: string,
): Readonly<Record<"packager" | "url" | "changelog", TextOption>> {
  return {
    packager: {
      type: "string",
      describe: `who made the package: Name <email> (default: ${byDefault})`,
    },
    url: { type: "string", describe: `URL of the project (default: ${byDefault})` },
    changelog: {
      type: "string",
      describe: `file with the changelog, in the format of rpm's %changelog (default: ${byDefault})`,
    },
  };
}

/** Values of these options. */
export interface PackageIdentity {
  readonly packager?: string;
  readonly url?: string;
  readonly changelog?: readonly ChangelogEntry[];
}

/** A character takes up to four bytes in UTF-8. */
const MAX_CHANGELOG_BYTES = MAX_CHANGELOG_CHARS * 4;

async function readChangelog(
  file: string,
  cli: Pick<Cli, "context">,
): Promise<readonly ChangelogEntry[]> {
  const content = await readPlainFile(file, { maxBytes: MAX_CHANGELOG_BYTES });
  if (!isUtf8(content)) {
    throw new ApplianceError("PLAN_BAD_CHANGELOG", `${file}: not UTF-8, expected a text in UTF-8`, {
      hint: "convert it with: iconv --from-code=ENCODING --to-code=UTF-8",
    });
  }
  const { entries, problems } = parseChangelog(content.toString("utf8"));
  const said = problems.map(({ severity, line, message }) => ({
    severity,
    text: `${file}:${line}: ${message}`,
  }));
  const errors = said.filter(({ severity }) => severity === "error").map((each) => each.text);
  const [first, ...others] = errors;
  if (first !== undefined)
    throw new ApplianceError("PLAN_BAD_CHANGELOG", first, { details: others });
  for (const each of said) cli.context.logger.warn(each.text);
  return entries;
}

/** Refuses a text that no web browser could open. */
function checkUrl(text: string): void {
  const scheme = URL.canParse(text) && !/\s/.test(text) ? new URL(text).protocol : "";
  if (["http:", "https:", "ftp:"].includes(scheme)) return;
  throw new ApplianceError(
    "CLI_USAGE",
    `--url: "${text}", expected a URL such as https://example.com/web`,
  );
}

/**
 * Returns the values of these options, and reads the changelog.
 *
 * @throws ApplianceError `CLI_USAGE` for an invalid URL; `PLAN_BAD_CHANGELOG` with every error in the file; `LIB_IO`
 */
export async function readIdentity(
  args: {
    readonly packager: string | undefined;
    readonly url: string | undefined;
    readonly changelog: string | undefined;
  },
  cli: Pick<Cli, "context">,
): Promise<PackageIdentity> {
  const { packager, url, changelog } = args;
  if (url !== undefined) checkUrl(url);
  return {
    ...(packager === undefined ? {} : { packager }),
    ...(url === undefined ? {} : { url }),
    ...(changelog === undefined ? {} : { changelog: await readChangelog(changelog, cli) }),
  };
}

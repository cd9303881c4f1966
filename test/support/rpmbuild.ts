import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { testContext } from "./context.ts";

/** What a spec needs beyond its name; the rest has defaults. */
export interface SpecParts {
  readonly version?: string;
  readonly release?: string;
  /** Tags, one a line: `Requires: x`. */
  readonly tags?: string;
  /** Everything from `%description` on. Default: a package without files. */
  readonly body?: string;
  /** How the spec is written; rpmbuild is told not to mind. */
  readonly encoding?: "utf8" | "latin1";
}

/**
 * Builds packages with the real rpmbuild, at a fixed time, and answers their paths.
 *
 * @param folder  where the packages are put; made when it is missing
 */
export async function rpmbuild(
  folder: string,
  name: string,
  parts: SpecParts = {},
): Promise<string[]> {
  const { run } = testContext();
  const top = path.join(folder, `.build-${name}`);
  const output = path.join(top, "out");
  await mkdir(output, { recursive: true });
  const spec = path.join(top, `${name}.spec`);
  await writeFile(
    spec,
    `Name: ${name}
Version: ${parts.version ?? "1"}
Release: ${parts.release ?? "1"}
${/^Summary:/m.test(parts.tags ?? "") ? "" : `Summary: The package ${name}`}
License: MIT
${/^BuildArch:/m.test(parts.tags ?? "") ? "" : "BuildArch: noarch"}
${parts.tags ?? ""}
${parts.body ?? "%description\nA test.\n%files\n"}
`,
    parts.encoding ?? "utf8",
  );
  const defines = [
    `_topdir ${top}`,
    `_rpmdir ${output}`,
    `_srcrpmdir ${output}`,
    "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
    "_buildhost builder.example.com",
    "use_source_date_epoch_as_buildtime 1",
    "source_date_epoch_from_changelog 0",
    "clamp_mtime_to_source_date_epoch 1",
    "_binary_payload w1.gzdio",
    "_invalid_encoding_terminates_build 0",
  ];
  await run("rpmbuild", ["-ba", ...defines.flatMap((one) => ["--define", one]), spec], {
    env: { SOURCE_DATE_EPOCH: "1700000000", HOME: top },
  });
  const names = await readdir(output);
  return names.sort().map((one) => path.join(output, one));
}

import { countOf } from "../../lib/count-of.ts";
import { escapeControls } from "../../errors.ts";
import type { RpmPackage, TagName } from "../../rpm/index.ts";
import { formatSize } from "../../lib/format-size.ts";
import { packageSignatures } from "../../sign/index.ts";
import { renderColumns } from "../terminal/render-columns.ts";

/** Scriptlets that a package can have: their names in `rpm --scripts`, and their tags. */
const scriptlets = [
  ["pretrans", "PRETRANS"],
  ["pre", "PREIN"],
  ["post", "POSTIN"],
  ["preun", "PREUN"],
  ["postun", "POSTUN"],
  ["posttrans", "POSTTRANS"],
  ["verify", "VERIFYSCRIPT"],
  ["trigger", "TRIGGERSCRIPTS"],
  ["filetrigger", "FILETRIGGERSCRIPTS"],
  ["transfiletrigger", "TRANSFILETRIGGERSCRIPTS"],
] as const satisfies readonly (readonly [string, TagName<"main">])[];

interface PackageFile {
  readonly path: string;
  readonly sizeBytes: number;
}

function listFiles({ header }: RpmPackage): readonly PackageFile[] {
  const folders = header.strings("DIRNAMES");
  const indexes = header.integers("DIRINDEXES");
  const sizes = header.has("LONGFILESIZES")
    ? header.integers("LONGFILESIZES")
    : header.integers("FILESIZES");
  return header.strings("BASENAMES").map((name, index) => ({
    path: `${folders[indexes[index] ?? -1] ?? "?"}${name}`,
    sizeBytes: sizes[index] ?? 0,
  }));
}

function listScriptlets({ header }: RpmPackage): readonly { name: string; lines: number }[] {
  return scriptlets.flatMap(([name, tag]) =>
    header.strings(tag).map((text) => ({ name, lines: text.trimEnd().split("\n").length })),
  );
}

/** Returns the keys of the signatures, each with the tags that hold them. */
function signedLine(rpm: RpmPackage): string {
  const tags = new Map<string, string[]>();
  for (const { tag, keyId } of packageSignatures(rpm)) {
    const key = keyId === undefined ? "unknown key" : `key ${keyId}`;
    tags.set(key, [...(tags.get(key) ?? []), tag]);
  }
  if (tags.size === 0) return "no";
  const keys = [...tags].map(([key, held]) => `${key} (${held.join(", ")})`);
  return `by ${keys.join(", ")}; \`virt-appliance verify\` checks it`;
}

/** Facts about the recipe of a package. A recipe has two packages. */
interface RecipePackage {
  readonly name: string;
  /** `recipe` for KVM hosts, `module` for Puppet servers. */
  readonly part: "recipe" | "module";
  readonly kickstart: string | null;
  readonly parameters: string | null;
  readonly module: string | null;
}

/** Returns the recipe of a package, from its provides and file names; null if it is not a recipe's package. */
function recipeOf(rpm: RpmPackage): RecipePackage | null {
  const provided = rpm.header
    .strings("PROVIDENAME")
    .map((name) => /^virt-appliance-(recipe|puppet)\((.+)\)$/.exec(name))
    .find((match) => match !== null);
  const [, part, name] = provided ?? [];
  if (part === undefined || name === undefined) return null;
  const paths = listFiles(rpm).map((file) => file.path);
  const first = (form: RegExp): string | null =>
    paths.map((path) => form.exec(path)?.[1]).find((found) => found !== undefined) ?? null;
  return {
    name,
    part: part === "recipe" ? "recipe" : "module",
    kickstart: first(/\/catalog\.d\/[^/]+\/([^/]+\.ks)$/),
    parameters: first(/\/catalog\.d\/[^/]+\/(parameters\.yaml)$/),
    module: first(/\/(?:catalog\.d\/[^/]+\/puppet|puppet\/modules)\/([^/]+)\/metadata\.json$/),
  };
}

function recipeLine(rpm: RpmPackage): readonly (readonly [string, string])[] {
  const recipe = recipeOf(rpm);
  if (recipe === null) return [];
  const { name, part, kickstart, parameters, module } = recipe;
  const place = part === "recipe" ? "for KVM hosts" : "for Puppet servers";
  const found = [kickstart, parameters, module === null ? null : `module ${module}`];
  return [["recipe", [`${name}, ${place}`, ...found.filter((each) => each !== null)].join(", ")]];
}

/** Returns the JSON document of `inspect` for a package. Later versions may add fields but remove none. */
export function packageDocument(rpm: RpmPackage): Readonly<Record<string, unknown>> {
  const { nevra, header } = rpm;
  return {
    kind: "rpm",
    ...nevra,
    epoch: nevra.epoch ?? null,
    summary: header.string("SUMMARY") ?? null,
    license: header.string("LICENSE") ?? null,
    vendor: header.string("VENDOR") ?? null,
    buildTimeSeconds: header.integers("BUILDTIME")[0] ?? null,
    fileSizeBytes: rpm.fileSizeBytes,
    signed: packageSignatures(rpm).length > 0,
    signatures: packageSignatures(rpm).map(({ tag, keyId }) => ({ tag, keyId: keyId ?? null })),
    recipe: recipeOf(rpm),
    provides: header.strings("PROVIDENAME"),
    requires: header.strings("REQUIRENAME"),
    scriptlets: listScriptlets(rpm),
    files: listFiles(rpm),
    problems: [],
  };
}

/** Returns the lines of `inspect` for a package: its identity, scriptlets and files. */
export function packageLines(rpm: RpmPackage): readonly string[] {
  const { nevra, header } = rpm;
  const epoch = nevra.epoch === undefined ? "" : `${nevra.epoch}:`;
  const scripts = listScriptlets(rpm).map(
    ({ name, lines }) => `${name} (${countOf(lines, "line")})`,
  );
  const files = listFiles(rpm).map(({ path, sizeBytes }) => [path, formatSize(sizeBytes)]);
  return [
    ...renderColumns([
      ["package", nevra.name],
      ["version", `${epoch}${nevra.version}-${nevra.release}`],
      ["architecture", nevra.arch],
      ["summary", header.string("SUMMARY") ?? ""],
      ["license", header.string("LICENSE") ?? ""],
      ...recipeLine(rpm),
      ["signed", signedLine(rpm)],
      ["scriptlets", scripts.length === 0 ? "none" : scripts.join(", ")],
    ]),
    ...(files.length === 0 ? [] : ["", ...renderColumns(files)]),
  ].map(escapeControls);
}

import { isMap, isScalar, type Node } from "yaml";
import { parseLooseYaml } from "../parameters/yaml-document.ts";
import { hieraShapeFaults, isLevel, type Level } from "./hiera-shape.ts";
import { type DataFault, plainValue } from "./puppet-yaml.ts";

/** The configuration in a module's hiera.yaml. */
export interface HieraConfig {
  readonly findings: readonly DataFault[];
  /** Whether Puppet uses the configuration and ignores the files that it does not reach. */
  readonly isUsed: boolean;
  /** Folders of data, each with a trailing slash. */
  readonly folders: readonly string[];
  /** Returns whether a level of the hierarchy may read a file, for some values of the facts. */
  readonly isReached: (path: string) => boolean;
}

const DEFAULT_FOLDER = "data/";

/** Keys of a level that name one file or a list of files. */
const FILES = ["path", "paths", "glob", "globs", "mapped_paths"] as const;

function texts(value: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((one) => typeof one === "string");
}

/** Splits a pattern of paths at its interpolations and globs. An unclosed one extends to the end of the pattern. */
function piecesOf(path: string): readonly string[] {
  return path.split(/%\{[^}]*(?:\}|$)|\*+|\?|\[[^\]]*(?:\]|$)|\{[^}]*(?:\}|$)/);
}

/** Returns whether a path consists of the pieces of a pattern, in order, with any text between them. */
function fits(path: string, pieces: readonly string[]): boolean {
  const first = pieces[0] ?? "";
  const last = pieces.at(-1) ?? "";
  if (pieces.length === 1) return path === first;
  if (!path.startsWith(first) || !path.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = path.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return at + last.length <= path.length;
}

function folderOf(level: Level, fallback: string): string {
  const [folder] = texts(level.get("datadir"));
  return folder === undefined
    ? fallback
    : `${folder.replace(/^\.\//, "").replace(/(?<!\/)\/+$/, "")}/`;
}

/** Returns the patterns of the files that a level names; undefined if it uses `mapped_paths`. */
function patternsOf(level: Level, folder: string): readonly (readonly string[])[] | undefined {
  const named = FILES.filter((key) => level.has(key));
  if (named.includes("mapped_paths")) return undefined;
  return named.flatMap((key) => texts(level.get(key))).map((path) => piecesOf(folder + path));
}

function unused(finding: DataFault): HieraConfig {
  return { findings: [finding], isUsed: false, folders: [DEFAULT_FOLDER], isReached: () => true };
}

/** Reads a configuration of version 5. */
function readVersion5(config: Level): HieraConfig {
  const defaults = config.get("defaults");
  const fallback = isLevel(defaults) ? folderOf(defaults, DEFAULT_FOLDER) : DEFAULT_FOLDER;
  const given = ["hierarchy", "default_hierarchy"].flatMap((key): readonly unknown[] => {
    const levels = config.get(key);
    return Array.isArray(levels) ? levels : [];
  });
  const common: Level = new Map([["path", "common.yaml"]]);
  const levels = config.has("hierarchy")
    ? given.filter(isLevel)
    : [common, ...given.filter(isLevel)];
  const folders = new Set([fallback, ...levels.map((level) => folderOf(level, fallback))]);
  const patterns = levels.map((level) => patternsOf(level, folderOf(level, fallback)));
  const plain = [...folders].filter((folder) => !folder.includes("%{"));
  return {
    findings: hieraShapeFaults(config).map((message) => ({ severity: "error", message })),
    isUsed: true,
    folders: plain,
    isReached: (path) =>
      plain.length < folders.size ||
      patterns.some((level) => level === undefined || level.some((pieces) => fits(path, pieces))),
  };
}

/** Returns the version as written if it has a fraction, else undefined. For Ruby's YAML, 5.0 is not an integer. */
function fractionalVersion(contents: Node | null): string | undefined {
  const items = isMap(contents) ? contents.items : [];
  const value = items.findLast(({ key }) => isScalar(key) && key.value === "version")?.value;
  if (!isScalar(value) || typeof value.value !== "number") return undefined;
  const source = value.source ?? "";
  return /^[-+]?[\d_]*(?:\.|[\d_]e)/i.test(source) ? source.slice(0, 20) : undefined;
}

/**
 * Reads a module's hiera.yaml and returns its configuration, with problems.
 *
 * @param text  undefined if the file does not exist; Puppet then reads no data of the module
 * @see Puppet, Puppet::Pops::Lookup::HieraConfig, ModuleDataProvider and LookupAdapter
 */
export function readHieraConfig(text: string | undefined): HieraConfig {
  if (text === undefined) {
    const message = `missing: Puppet does not read the module's folder ${DEFAULT_FOLDER}`;
    return unused({ severity: "warning", message });
  }
  const { contents, fault } = parseLooseYaml(text);
  if (fault !== undefined) return unused({ severity: "error", message: `not YAML: ${fault}` });
  const config = plainValue(contents);
  if (!isLevel(config)) {
    const message = "expected a map of settings; Puppet ignores the file and the module's data";
    return unused({ severity: "warning", message });
  }
  const fraction = fractionalVersion(contents);
  if (fraction !== undefined) {
    const message = `version: expected the whole number 5, found ${fraction}`;
    return unused({ severity: "error", message });
  }
  const given = config.get("version") ?? 3;
  const said = typeof given === "number" || typeof given === "string" ? String(given) : "none";
  const version = Number.parseInt(said, 10);
  if (version === 5) return readVersion5(config);
  if (version === 4) {
    const message = "has version 4, which Puppet deprecates; expected version 5";
    return unused({ severity: "warning", message });
  }
  if (version === 3) {
    const message =
      "has version 3 or none: in a module, Puppet 7 ignores the file and the data, and Puppet 8 fails; expected version: 5";
    return unused({ severity: "warning", message });
  }
  const message = `has version ${said.slice(0, 20)}, which no Puppet supports; expected version: 5`;
  return unused({ severity: "error", message });
}

/** Settings of a configuration, or of one of its levels, by name. */
export type Level = ReadonlyMap<unknown, unknown>;

export function isLevel(value: unknown): value is Level {
  return value instanceof Map;
}

/** Maximum number of faults that are returned. */
const MAX_FAULTS = 20;

const LISTS = ["hierarchy", "plan_hierarchy", "default_hierarchy"] as const;

/** Settings for the function that looks up a key. A module cannot use the backends of Hiera 3. */
const FUNCTIONS = ["data_hash", "lookup_key", "data_dig"] as const;

const TEXTS = ["path", "glob", "uri"] as const;
const MANY = ["paths", "globs", "uris", "mapped_paths"] as const;

const SETTINGS: readonly string[] = ["version", "defaults", ...LISTS];
const DEFAULTS: readonly string[] = [...FUNCTIONS, "datadir", "options"];
const OF_LEVEL: readonly string[] = [
  "name",
  "options",
  "datadir",
  ...FUNCTIONS,
  "v4_data_hash",
  ...TEXTS,
  ...MANY,
];

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function keysOf(level: Level, among: readonly string[]): readonly string[] {
  return among.filter((key) => level.has(key));
}

function unknownKeys(level: Level, known: readonly string[], where: string): readonly string[] {
  const keys = [...level.keys()].map(String).filter((key) => !known.includes(key));
  return keys.map(
    (key) => `${where}"${key.slice(0, 40)}" is not a setting, expected one of: ${known.join(", ")}`,
  );
}

function functionFaults(level: Level, where: string): readonly string[] {
  const named = keysOf(level, [...FUNCTIONS, "v4_data_hash"]);
  return named.length < 2 ? [] : [`${where}${named.join(" and ")}, expected one of them`];
}

/** Returns the faults of settings with a wrong type. Undefined values are aliases, which are not checked. */
function typeFaults(level: Level, where: string): readonly string[] {
  const wrongTexts = keysOf(level, ["datadir", ...FUNCTIONS, ...TEXTS]).filter((key) => {
    const value = level.get(key);
    return value !== undefined && !isText(value);
  });
  const wrongLists = keysOf(level, MANY).filter((key) => {
    const value = level.get(key);
    if (value === undefined) return false;
    if (!Array.isArray(value)) return true;
    const isCount = key === "mapped_paths" ? value.length === 3 : value.length > 0;
    return !isCount || !value.every((one) => one === undefined || isText(one));
  });
  return [
    ...wrongTexts.map((key) => `${where}${key}: expected a text`),
    ...wrongLists.map((key) =>
      key === "mapped_paths"
        ? `${where}${key}: expected a list of three texts`
        : `${where}${key}: expected a list of texts`,
    ),
  ];
}

function levelFaults(level: Level, where: string, hasDefault: boolean): readonly string[] {
  const places = keysOf(level, [...TEXTS, ...MANY]);
  const functions = keysOf(level, [...FUNCTIONS, "v4_data_hash"]);
  return [
    ...unknownKeys(level, OF_LEVEL, where),
    ...functionFaults(level, where),
    ...typeFaults(level, where),
    ...(functions.length === 0 && !hasDefault
      ? [`${where}no data_hash, lookup_key or data_dig, here or in defaults`]
      : []),
    ...(places.length > 1 ? [`${where}${places.join(" and ")}, expected one of them`] : []),
  ];
}

function listFaults(key: string, value: unknown, hasDefault: boolean): readonly string[] {
  if (value === undefined || (value === null && key === "hierarchy")) return [];
  if (!Array.isArray(value)) return [`${key}: expected a list of levels`];
  const levels: readonly unknown[] = value;
  const names = new Set<unknown>();
  return levels.flatMap((level, index) => {
    const place = `${key}, level ${index + 1}`;
    if (level === undefined) return [];
    if (!isLevel(level)) return [`${place}: expected settings`];
    if (level.has("<<")) return [];
    const name = level.get("name");
    const faults = levelFaults(level, `${place}: `, hasDefault);
    if (name === undefined && level.has("name")) return faults;
    if (!isText(name)) return [`${place}: no name`, ...faults];
    const isKnown = names.has(name);
    names.add(name);
    return isKnown
      ? [`${place}: the name "${String(name).slice(0, 40)}" is used twice`, ...faults]
      : faults;
  });
}

/**
 * Returns the faults for which Puppet rejects a configuration of version 5. Every lookup in the module then fails.
 *
 * @see Puppet, Puppet::Pops::Lookup::HieraConfigV5
 */
export function hieraShapeFaults(config: Level): readonly string[] {
  const version = config.get("version");
  const defaults = config.get("defaults") ?? undefined;
  const isGiven = isLevel(defaults) && !defaults.has("<<");
  // Without a defaults map, Puppet's default is yaml_data.
  const hasDefault = !isGiven || keysOf(defaults, FUNCTIONS).length > 0;
  const faults = [
    ...(typeof version === "number" && Number.isInteger(version)
      ? []
      : [`version: expected the number 5, found ${JSON.stringify(version)}`]),
    ...(config.has("<<") ? [] : unknownKeys(config, SETTINGS, "")),
    ...(defaults === undefined || isLevel(defaults) ? [] : ["defaults: expected settings"]),
    ...(isGiven
      ? [
          ...unknownKeys(defaults, DEFAULTS, "defaults: "),
          ...functionFaults(defaults, "defaults: "),
          ...typeFaults(defaults, "defaults: "),
        ]
      : []),
    ...LISTS.flatMap((key) => listFaults(key, config.get(key), hasDefault)),
  ];
  return faults.slice(0, MAX_FAULTS);
}

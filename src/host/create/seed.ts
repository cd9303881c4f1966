import path from "node:path";
import { linesOf, type Parameter } from "../../appliance/index.ts";
import { renderCloudConfig } from "./cloud-config.ts";
import { renderIso } from "./iso9660.ts";

/** Volume label by which cloud-init's NoCloud finds its disk. */
const LABEL = "cidata";

/** Configuration data for a VM. */
export interface SeedInput {
  readonly vm: string;
  readonly parameters: readonly Parameter[];
  /** By name. */
  readonly given: Readonly<Record<string, string>>;
  readonly now: Date;
}

/** Returns the value of every parameter that has one: the given value, otherwise the descriptor's default. */
export function parameterValues(
  input: Pick<SeedInput, "parameters" | "given">,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { name, default: fallback } of input.parameters) {
    const value = Object.hasOwn(input.given, name) ? input.given[name] : fallback;
    if (value !== undefined) values.set(name, value);
  }
  return values;
}

/** JSON is valid YAML, and needs no quoting rules. */
function yaml(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/**
 * Returns the disk with the parameters of a VM; undefined if it has none. It is a NoCloud disk: well-known settings or
 * `user-data` reach cloud-init; `parameters.json` holds every value for other readers.
 */
export function renderSeed(input: SeedInput): Buffer | undefined {
  const values = parameterValues(input);
  if (values.size === 0) return undefined;
  const [own, keys] = [values.get("user-data"), values.get("ssh-key")];
  const metaData = {
    // A new id makes cloud-init configure the system again.
    "instance-id": `${input.vm}-${Math.floor(input.now.getTime() / 1000)}`,
    "local-hostname": values.get("hostname") ?? input.vm,
    // With the caller's own user-data, there is no other place for them.
    ...(own !== undefined && keys !== undefined ? { "public-keys": linesOf(keys) } : {}),
  };
  const text = (content: string): Uint8Array => Buffer.from(content, "utf8");
  return renderIso({ label: LABEL, date: input.now }, [
    { name: "meta-data", content: text(yaml(metaData)) },
    { name: "user-data", content: text(own ?? renderCloudConfig(values)) },
    { name: "parameters.json", content: text(yaml(Object.fromEntries(values))) },
  ]);
}

/** Returns the path of the disk with the parameters of a VM. */
export function seedFile(folder: string, vm: string): string {
  return path.join(folder, `${vm}-seed.iso`);
}

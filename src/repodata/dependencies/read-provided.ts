import type { Context } from "../../lib/context.ts";
import type { XmlStart } from "../../lib/xml/reader.ts";
import { streamXml } from "../../lib/xml/stream.ts";
import {
  damaged,
  MAX_PACKAGES,
  openContent,
  readVerified,
  type RepodataSource,
} from "../open-metadata.ts";
import type { DependencyRecord } from "../package-record.ts";
import { parseRepomd } from "../repomd.ts";
import { rangeOf } from "./condition.ts";
import type { ProvidedNames } from "./provided.ts";

const COMMON = "http://linux.duke.edu/metadata/common";
const RPM = "http://linux.duke.edu/metadata/rpm";
const flagNames = ["LT", "GT", "EQ", "LE", "GE"] as const;

/** Returns the dependency in an `<rpm:entry>`. */
function entryOf(start: XmlStart): DependencyRecord {
  const values = new Map(start.attributes.map(({ name, value }) => [name, value]));
  const flags = flagNames.find((one) => one === values.get("flags"));
  const [epoch, version, release] = ["epoch", "ver", "rel"].map((name) => values.get(name));
  return {
    name: values.get("name") ?? "",
    ...(flags === undefined ? {} : { flags }),
    ...(epoch === undefined ? {} : { epoch }),
    ...(version === undefined ? {} : { version }),
    ...(release === undefined ? {} : { release }),
  };
}

/**
 * Reads what the packages of any repository provide: their names, and the files that primary metadata lists. Nothing is
 * parsed before its size and digest match repomd.xml. The caller checks whether repomd.xml itself can be trusted.
 *
 * @param options.firstOwner  number of the first package
 * @returns number of packages
 * @throws ApplianceError `REPODATA_DAMAGED`, `REPODATA_TOO_LARGE`, `LIB_EXEC_MISSING`, or as `streamXml`
 */
export async function readProvided(
  repomd: Uint8Array,
  source: RepodataSource,
  options: {
    readonly origin: string;
    readonly into: ProvidedNames;
    readonly firstOwner: number;
    readonly context: Pick<Context, "run">;
  },
): Promise<number> {
  const { origin, into, firstOwner, context } = options;
  const file = parseRepomd(repomd, origin).files.find(({ type }) => type === "primary");
  if (file === undefined) throw damaged(origin, "has no file of type primary");
  const content = await readVerified(source, file);
  let count = 0;
  let arch = "";
  let isInProvides = false;
  let depth = 0;
  let text: "arch" | "file" | undefined;
  let value = "";
  await streamXml(
    openContent(content, file, context.run),
    {
      open(start): void {
        const { name, namespace } = start;
        depth = start.depth;
        text = undefined;
        value = "";
        if (depth === 3 && name === "arch" && namespace === COMMON) text = "arch";
        if (depth === 4 && name === "file" && namespace === COMMON) text = "file";
        if (depth === 4) isInProvides = name === "provides" && namespace === RPM;
        if (depth !== 5 || !isInProvides || name !== "entry") return;
        const entry = entryOf(start);
        into.add(entry.name, { owner: firstOwner + count, arch, range: rangeOf(entry) });
      },
      text(piece): void {
        if (text !== undefined) value += piece;
      },
      close(): void {
        if (text === "arch") arch = value;
        if (text === "file") {
          into.add(value, { owner: firstOwner + count, arch, range: undefined });
        }
        text = undefined;
        depth -= 1;
        if (depth === 1) count += 1;
        if (count > MAX_PACKAGES) throw damaged(file.location, "has too many packages");
      },
    },
    { origin: file.location },
  );
  return count;
}

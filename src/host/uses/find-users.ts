import { realpath, stat } from "node:fs/promises";
import path from "node:path";
import { aboutSubject } from "../../errors.ts";
import { attributeOf, type XmlElement } from "../../lib/xml/tree.ts";
import { parseXml } from "../../lib/xml/parse.ts";
import { documentsOf, type Libvirt } from "../../libvirt/index.ts";
import type { WatchedBase } from "./image-walk.ts";
import { openUseLedger } from "./use-ledger.ts";
import { resolveFolder } from "../access/image-links.ts";
import { isForeign } from "../instance/instance-xml.ts";
import { surveyDomains } from "../access/survey-domains.ts";
import type { HostAccess } from "../access/host-access.ts";

/** Users of files to be removed. */
export interface FileUses {
  /** Names of domains by file, as requested. */
  readonly users: ReadonlyMap<string, readonly string[]>;
  /** Domains and files that could not be checked and may need one of the files; one sentence each. */
  readonly obstacles: readonly string[];
}

/** Returns why files must not be removed: others need them, or this is unknown. */
export function useReasons(files: readonly string[], uses: FileUses): readonly string[] {
  return [
    ...files.flatMap((file) =>
      (uses.users.get(file) ?? []).map((user) => `${file}: ${user} uses it too`),
    ),
    ...uses.obstacles.map(
      (each) => `${each}: cannot tell whether it needs a file that would be deleted`,
    ),
  ];
}

/** Returns every file in a document about a domain, in any element or attribute. */
function filesIn(element: XmlElement, pools: ReadonlyMap<string, string>): readonly string[] {
  const values = [element.text.trim(), ...element.attributes.map(({ value }) => value)];
  const pool = pools.get(attributeOf(element, "pool") ?? "");
  const volume = attributeOf(element, "volume");
  return [
    ...values.filter((value) => value.startsWith("/")),
    ...(pool === undefined || volume === undefined ? [] : [path.join(pool, volume)]),
    ...element.children.flatMap((child) => filesIn(child, pools)),
  ];
}

function filesOfDocument(
  document: string,
  user: string,
  pools: ReadonlyMap<string, string>,
): readonly string[] {
  const root = parseXml(document, user, { maxBytes: 32 * 1024 * 1024, maxNodes: 1_000_000 });
  // A clone's metadata names its original's files, which the clone does not need.
  const parts = isForeign(root)
    ? root.children.filter(({ name }) => name !== "metadata")
    : root.children;
  return parts.flatMap((part) => filesIn(part, pools));
}

async function watch(file: string): Promise<WatchedBase> {
  const stats = await stat(file).catch(() => undefined);
  const place = await resolveFolder(file);
  return { file, path: place, inode: stats?.ino ?? -1, device: stats?.dev ?? -1 };
}

async function poolFolders(libvirt: Libvirt): Promise<ReadonlyMap<string, string>> {
  const pools = await libvirt.listPools();
  return new Map(
    pools.flatMap(({ name, targetPath }) => (targetPath === undefined ? [] : [[name, targetPath]])),
  );
}

/**
 * Finds the domains, except one, that need any of these files: in their next start, their present run or a snapshot,
 * and through any number of backing files.
 */
export async function findUsers(
  host: Pick<HostAccess, "libvirt" | "paths" | "context">,
  except: string,
  files: readonly string[],
): Promise<FileUses> {
  const { libvirt, paths, context } = host;
  const baseDir = await realpath(paths.baseDir).catch(() => paths.baseDir);
  const watched = await Promise.all([...new Set(files)].map(watch));
  const ledger = openUseLedger(watched, { baseDir, signal: context.signal });
  const pools = await poolFolders(libvirt);
  const { domains, failures } = await surveyDomains(host, "everything");
  for (const { domain, error } of failures)
    if (domain !== except) ledger.obstacle(aboutSubject(domain, error.message));
  for (const dump of domains) {
    if (dump.name === except) continue;
    const named = documentsOf(dump).flatMap((each) => filesOfDocument(each, dump.name, pools));
    for (const file of new Set(named)) await ledger.follow(file, dump.name);
  }
  const { users, obstacles } = ledger.result();
  return { users, obstacles: obstacles.map(({ what }) => what) };
}

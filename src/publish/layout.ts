/**
 * Layout of a repository; docs/repository.md describes it for users.
 *
 *     mirrorlist                 address of the current generation: the one pointer, switched last
 *     generations/N-HEX/         one state of the repository, never changed: generation.json, added.json, repodata/, and
 *                                packages, a symbolic link to the one folder of packages
 *     packages/                  every package once
 *     repodata/                  the current generation's metadata again, for clients that use baseurl=
 *     NAME.repo, RPM-GPG-KEY-NAME
 *     .virt-appliance/           private, never served: repository.json, lock, staging/
 */
export const POINTER = "mirrorlist";
export const GENERATIONS = "generations";
export const PACKAGES = "packages";
export const REPODATA = "repodata";
export const REPOMD = "repodata/repomd.xml";
export const SIGNATURE = "repodata/repomd.xml.asc";
export const PRIVATE_FOLDER = ".virt-appliance";
/** Held by who changes the repository. */
export const LOCK: string = `${PRIVATE_FOLDER}/lock`;
export const STAGING: string = `${PRIVATE_FOLDER}/staging`;
/** Within a generation: written last and removed first, so a folder without it is incomplete. */
export const GENERATION_RECORD = "generation.json";
/** Within a generation: the names of the packages that it adds, written before they are added. */
export const ADDED_RECORD = "added.json";

/** Splits the id of a generation, `12-0123456789abcdef`: its number, and the start of the SHA-256 of its repomd.xml. */
export function parseGenerationId(id: string): { readonly number: number } | undefined {
  const match = /^([1-9]\d{0,11})-[0-9a-f]{16}$/.exec(id);
  return match === null ? undefined : { number: Number(match[1]) };
}

/** Returns the id of the generation in a pointer; undefined if the pointer is foreign. */
export function parsePointer(text: string): string | undefined {
  const id = /\/generations\/([^/\s]+)\/\n?$/.exec(text)?.[1];
  return id === undefined || parseGenerationId(id) === undefined ? undefined : id;
}

/** Returns the content of the pointer to a generation. */
export function renderPointer(baseUrl: string, id: string): string {
  return `${baseUrl}/${GENERATIONS}/${id}/\n`;
}

/**
 * Paths in the staging folder. Created and unchanged files have separate folders: a converted disk gets a new name,
 * which may be that of another file of the source.
 */

/** Returns the staging path of an unchanged file of the source. */
export function stagedAsIs(sourcePath: string): string {
  return `source/${sourcePath}`;
}

/** Returns the staging path of a disk that is created for the package. */
export function stagedMade(name: string): string {
  return `made/${name}`;
}

/**
 * Where files lie in the staging folder. What was made and what is shipped as it is have a folder each: a disk that is
 * converted gets a new name, which may be that of another file of the source.
 */

/** Returns where a file of the source is staged that is shipped as it is. */
export function stagedAsIs(sourcePath: string): string {
  return `source/${sourcePath}`;
}

/** Returns where a disk is staged that is made for the package. */
export function stagedMade(name: string): string {
  return `made/${name}`;
}

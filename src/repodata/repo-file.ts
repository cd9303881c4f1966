/** Content of a .repo file. */
export interface RepoFileValues {
  /** Id of the repository. */
  readonly name: string;
  /** Name for people. */
  readonly title: string;
  /** Without a final slash. */
  readonly baseUrl: string;
  /** True if packages and metadata are signed; otherwise the lines about the key are left out. */
  readonly signed: boolean;
}

/**
 * Returns a .repo file from its template: `@NAME@`, `@TITLE@`, `@BASEURL@` and `@SIGNED@` are filled in. Lines that
 * start with `@IF-SIGNED@` are kept, without that word, only if there is a key.
 *
 * @throws TypeError if a placeholder remains
 */
export function renderRepoFile(template: string, values: RepoFileValues): string {
  const text = template
    .split("\n")
    .filter((line) => values.signed || !line.startsWith("@IF-SIGNED@"))
    .map((line) => line.replace(/^@IF-SIGNED@ ?/, ""))
    .join("\n")
    .replaceAll("@NAME@", () => values.name)
    .replaceAll("@TITLE@", () => values.title)
    .replaceAll("@BASEURL@", () => values.baseUrl)
    .replaceAll("@SIGNED@", () => (values.signed ? "1" : "0"));
  const left = /@[A-Z-]+@/.exec(text);
  if (left !== null) throw new TypeError(`the template names ${left[0]}, which has no value`);
  return text;
}

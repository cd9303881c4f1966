/** What a .repo file says. */
export interface RepoFileValues {
  /** Id of the repository. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** Without a final slash. */
  readonly baseUrl: string;
  /** Whether packages and metadata are signed; if not, the lines about the key are left out. */
  readonly signed: boolean;
}

/**
 * Returns a .repo file from its template: `@NAME@`, `@TITLE@`, `@BASEURL@` and `@SIGNED@` are filled in, lines that start
 * with `@IF-SIGNED@` stay, without that word, only when there is a key.
 *
 * @throws TypeError when a place is left over
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

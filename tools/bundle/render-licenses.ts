import type { LicensedLibrary } from "./bundled-libraries.ts";

const RULE = "-".repeat(80);

function renderLibrary(library: LicensedLibrary): string {
  const { name, version, license, licenseText, notices } = library;
  const lines = [`${name} ${version}`, `License: ${license}`];
  if (notices.length > 0) lines.push("Notices in its files:", ...notices.map((one) => `  ${one}`));
  const text = licenseText?.replaceAll("\r\n", "\n").trim();
  return `${lines.join("\n")}\n\n${text ?? "The package comes without a licence file."}\n`;
}

/**
 * Renders the licence of each library in the bundle, as one file beside it.
 *
 * @param gpl  text of the GNU GPL 3, which must accompany the LGPL
 */
export function renderLicenses(libraries: readonly LicensedLibrary[], gpl: string): string {
  const parts = libraries.map(renderLibrary);
  if (libraries.some(({ license }) => license.startsWith("LGPL-3.0"))) {
    parts.push(`The GNU General Public License, which the LGPL 3.0 builds on\n\n${gpl.trim()}\n`);
  }
  const head = `The JavaScript files beside package.json hold these libraries, unaltered but for being joined with the
program's own modules. Each is followed by its licence. To use another version of one of them, change it in
package.json of the program's source and run "make build".
`;
  return [head, ...parts].join(`\n${RULE}\n\n`);
}

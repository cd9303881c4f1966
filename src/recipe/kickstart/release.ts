import type { Release } from "./model.ts";

/** Default release that kickstarts are checked for. */
export const defaultRelease: Release = { family: "F", number: 40 };

/** Returns the release that a text such as `F40` or `RHEL9` names, or undefined. */
export function parseRelease(text: string): Release | undefined {
  const match = /^(F|RHEL)(\d{1,3})$/.exec(text.toUpperCase());
  if (match === null) return undefined;
  return { family: match[1] === "F" ? "F" : "RHEL", number: Number(match[2]) };
}

/** Newest releases that the command table covers. */
const NEWEST: Readonly<Record<Release["family"], number>> = { F: 45, RHEL: 10 };

/** Returns the newest known release of the family if the given release is newer, else undefined. */
export function newestBefore({ family, number }: Release): string | undefined {
  return number > NEWEST[family] ? renderRelease({ family, number: NEWEST[family] }) : undefined;
}

/** Renders a release as `F40` or `RHEL9`. */
export function renderRelease(release: Release): string {
  return `${release.family}${release.number}`;
}

/** Systems whose installer reads kickstarts, by libosinfo id. The group captures the release number. */
const INSTALLERS: readonly (readonly [RegExp, Release["family"]])[] = [
  [/^http:\/\/fedoraproject\.org\/fedora\/(\d{1,3})$/, "F"],
  [
    /^http:\/\/(?:redhat\.com\/rhel|centos\.org\/centos-stream|rockylinux\.org\/rocky|almalinux\.org\/almalinux|oracle\.com\/ol)\/(\d{1,3})(?:\.\d+)?$/,
    "RHEL",
  ],
];

/** Returns the release of a libosinfo id; undefined for another system's id, or for none. */
export function releaseOfOsinfo(id: string | undefined): Release | undefined {
  for (const [form, family] of INSTALLERS) {
    const number = form.exec(id ?? "")?.[1];
    if (number !== undefined) return { family, number: Number(number) };
  }
  return undefined;
}

import type { Release } from "./model.ts";

/** Release that kickstarts are held against when nobody says. */
export const defaultRelease: Release = { family: "F", number: 40 };

/** Answers the release that a text such as `F40` or `RHEL9` names, or undefined. */
export function parseRelease(text: string): Release | undefined {
  const match = /^(F|RHEL)(\d{1,3})$/.exec(text.toUpperCase());
  if (match === null) return undefined;
  return { family: match[1] === "F" ? "F" : "RHEL", number: Number(match[2]) };
}

/** Answers a release as the field writes it. */
export function renderRelease(release: Release): string {
  return `${release.family}${release.number}`;
}

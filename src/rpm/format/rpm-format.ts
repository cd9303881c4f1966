/** Formats of packages: 4 is read by every rpm since 4.0, 6 by rpm 4.14 and later. Source: rpm manual, "RPM v6 package format". */
export type RpmFormat = 4 | 6;

/** Formats of packages, the default first. */
export const rpmFormats: readonly RpmFormat[] = [4, 6];

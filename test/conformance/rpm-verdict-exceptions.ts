import type { Check } from "../../src/sign/index.ts";

/** A package that rpm 4.18 accepts and that is refused all the same, and why. */
export interface Exception {
  readonly reason: string;
  /** Whether this result is what such a package is refused for. */
  readonly matches: (check: Check) => boolean;
}

const detail =
  (pattern: RegExp) =>
  (check: Check): boolean =>
    pattern.test(check.detail ?? "");

/** All that are refused although rpm 4.18 accepts them. The other way round there is nothing. */
export const exceptions: readonly Exception[] = [
  {
    reason: "a tag that comes twice: which of the two counts depends on the reader",
    matches: detail(/tag \d+ appears twice/),
  },
  {
    reason: "a main header without region is of rpm 3; its file lists have another form",
    matches: detail(/main header is not a region over all of it/),
  },
  {
    reason: "lists of unequal length, or a file without folder: rpm then shows no files at all",
    matches: detail(/has \d+ elements? in|has a file in folder/),
  },
  {
    reason: "a package without name, or whose name could lead out of a folder or drive a terminal",
    matches: detail(
      /has no (NAME|VERSION|RELEASE|ARCH)|contains a space, slash or control character/,
    ),
  },
  {
    reason:
      "a key that is too weak: DSA, or RSA of less than 2048 bits, which EL 9 and later refuse",
    matches: detail(/too weak/),
  },
  {
    reason: "a signature over MD5 can be forged",
    matches: detail(/signature over MD5/),
  },
  {
    reason: "rpm 6 refuses it: digests that rpm 4.18 does not know have to be right as well",
    matches: ({ algorithm, status }) =>
      status === "bad" && (algorithm === "SHA3-256" || algorithm === "SHA-512"),
  },
  {
    reason: "rpm 6 refuses it: signatures that rpm 4.18 does not look at have to be right as well",
    matches: ({ status, tag }) => (status === "bad" || status === "nokey") && tag === "OPENPGP",
  },
  {
    reason:
      "rpm 6 refuses it: the types of tags that rpm 4.18 does not know have to be right as well",
    matches: detail(/tag 27[89] .*has type|tag 27[89] has/),
  },
];

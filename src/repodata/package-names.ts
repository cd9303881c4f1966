import { ApplianceError } from "../errors.ts";
import { digestOf } from "../lib/bytes/digest.ts";
import type { RpmPackage } from "../rpm/index.ts";

type NamedPackage = Pick<RpmPackage, "nevra" | "isSource" | "path">;

/** The identity of a package. */
export interface PackageIdentity {
  readonly name: string;
  readonly epoch: string;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
}

/** Returns the identity of a package, from metadata. */
export function identityOf({ nevra, isSource }: NamedPackage): PackageIdentity {
  const { name, version, release } = nevra;
  const arch = isSource ? "src" : nevra.arch;
  return { name, epoch: String(nevra.epoch ?? 0), version, release, arch };
}

/** True if two identities belong to the same package. */
export function isSamePackage(a: PackageIdentity, b: PackageIdentity): boolean {
  return keyOf(a) === keyOf(b);
}

function keyOf({ name, epoch, version, release, arch }: PackageIdentity): string {
  return [name, epoch, version, release, arch].join("\0");
}

/** Number of hexadecimal digits of the digest that makes names unique. */
const DIGEST_DIGITS = 12;

/** The possible names of a package in a repository. */
export interface PackageFileNames {
  /** NAME-VERSION-RELEASE.ARCH.rpm, with `_` for `+`: object stores disagree on the meaning of `+` in a URL. */
  readonly plain: string;
  /** The same with a digest of the identity before the architecture, which is unique. */
  readonly unique: string;
  /** The preferred name: `plain` if it contains the whole identity. */
  readonly preferred: string;
}

/**
 * Returns the possible names of a package in a repository.
 *
 * @throws ApplianceError `REPODATA_BAD_NAME` if they have characters that are not safe in file names and URLs
 */
export function packageFileNames(rpm: NamedPackage): PackageFileNames {
  const identity = identityOf(rpm);
  const { name, epoch, version, release, arch } = identity;
  const stem = `${name}-${version}-${release}`;
  const digest = digestOf(keyOf(identity)).slice(0, DIGEST_DIGITS);
  const [plain, unique] = [`${stem}.${arch}.rpm`, `${stem}.${digest}.${arch}.rpm`].map((file) =>
    file.replaceAll("+", "_"),
  );
  if (plain === undefined || unique === undefined)
    throw new TypeError("two names give two file names");
  if (!/^[A-Za-z0-9_][A-Za-z0-9._~^-]*$/.test(plain) || unique.length > 240) {
    throw new ApplianceError(
      "REPODATA_BAD_NAME",
      `${rpm.path}: package would be stored as "${plain}", expected at most 227 letters, digits and . _ - ~ ^`,
      { hint: "choose another name, version or release" },
    );
  }
  const isWhole = epoch === "0" && !`${stem}.${arch}`.includes("+");
  return { plain, unique, preferred: isWhole ? plain : unique };
}

/** Exit status of the command line for a class of failures. */
export type ExitCode = 1 | 2 | 3 | 4 | 130;

/**
 * Every code of an ApplianceError, with its exit status and one sentence for docs/errors.md. Codes are stable and sorted.
 * The prefix names the subject.
 */
export const errorCodes = {
  CLI_FILE_EXISTS: {
    exit: 1,
    meaning: "the output file already exists",
  },
  CLI_NODE_TOO_OLD: { exit: 4, meaning: "the installed node is too old for the command line" },
  CLI_NO_BUNDLE: {
    exit: 1,
    meaning: "this copy of the program lacks the bundle that its package is built from",
  },
  CLI_USAGE: { exit: 2, meaning: "the command line is not valid" },
  HOST_BASE_IN_USE: {
    exit: 1,
    meaning: "a base came into use while it was being removed; it is kept",
  },
  HOST_CATALOGUE_BAD: {
    exit: 1,
    meaning: "a catalogue entry is not as its package installed it",
  },
  HOST_INSTALL_FAILED: {
    exit: 1,
    meaning: "a VM's installer failed or did not end in time; the VM was removed",
  },
  HOST_INTERRUPTED: {
    exit: 1,
    meaning: "an earlier operation on the VM was interrupted and is not finished",
  },
  HOST_METADATA_BAD: {
    exit: 1,
    meaning: "the appliance metadata in a VM's definition cannot be read",
  },
  HOST_METADATA_FOREIGN: {
    exit: 1,
    meaning: "the appliance metadata in a VM's definition belongs to another VM",
  },
  HOST_NEEDS_ROOT: { exit: 4, meaning: "the command changes the host and needs root" },
  HOST_REFUSED: {
    exit: 1,
    meaning: "the command cannot work on this host in its present state; nothing was changed",
  },
  HOST_SECRETS_EXPOSED: {
    exit: 1,
    meaning: "users other than root can read a file with a site's secrets",
  },
  HOST_STILL_RUNNING: {
    exit: 1,
    meaning: "a VM is running that must be off, or did not shut down in time; nothing was changed",
  },
  HOST_TREE_UNREACHABLE: {
    exit: 4,
    meaning: "an installer's tree, kernel or initrd cannot be found",
  },
  HOST_UNHEALTHY: {
    exit: 3,
    meaning: "an updated VM did not come up healthy and was rolled back to its previous version",
  },
  HOST_UNKNOWN_APPLIANCE: { exit: 1, meaning: "no such appliance is installed" },
  HOST_UNKNOWN_VM: {
    exit: 1,
    meaning: "there is no such VM, or it was not made from an appliance",
  },
  IMAGE_BACKING_FILE: { exit: 1, meaning: "a disk image names a backing file" },
  IMAGE_BAD_SIZE: { exit: 1, meaning: "the size of a disk is not valid" },
  IMAGE_CORRUPT: { exit: 1, meaning: "a disk image is damaged, in use or not readable" },
  IMAGE_DIFFERS: { exit: 1, meaning: "a converted disk image is not equal to its source" },
  IMAGE_ENCRYPTED: { exit: 1, meaning: "a disk image is encrypted" },
  IMAGE_EXTERNAL_DATA: { exit: 1, meaning: "a disk image has an external data file" },
  IMAGE_FORMAT_MISMATCH: { exit: 1, meaning: "a disk image is not in the stated format" },
  IMAGE_UNSUPPORTED: { exit: 1, meaning: "a disk image is of a kind that is not supported" },
  LIBVIRT_DENIED: { exit: 4, meaning: "libvirt denies access to this user; root may be needed" },
  LIBVIRT_FAILED: { exit: 1, meaning: "libvirt reported an error" },
  LIBVIRT_TIMEOUT: { exit: 4, meaning: "libvirt did not answer in time" },
  LIBVIRT_UNEXPECTED: { exit: 1, meaning: "a document from libvirt is not in the expected form" },
  LIBVIRT_UNKNOWN: { exit: 1, meaning: "libvirt knows no domain or pool of that name" },
  LIBVIRT_UNREACHABLE: { exit: 4, meaning: "libvirt cannot be reached" },
  LIB_COMPRESSED_CORRUPT: { exit: 1, meaning: "compressed data is damaged or truncated" },
  LIB_EXEC_FAILED: { exit: 1, meaning: "an external program ended with an error" },
  LIB_EXEC_MISSING: { exit: 4, meaning: "an external program is not installed" },
  LIB_FILE_CHANGED: { exit: 1, meaning: "a file changed while it was read" },
  LIB_INTERRUPTED: {
    exit: 130,
    meaning: "the operation was interrupted; nothing incomplete was left",
  },
  LIB_IO: { exit: 1, meaning: "a file could not be read or written" },
  LIB_JOURNAL_UNFINISHED: {
    exit: 1,
    meaning: "an operation stopped past its commit point; the next command finishes it",
  },
  LIB_JOURNAL_UNKNOWN: { exit: 1, meaning: "an interrupted operation is of an unknown kind" },
  LIB_LIMIT_EXCEEDED: { exit: 1, meaning: "an input is larger than allowed" },
  LIB_LOCKED: { exit: 1, meaning: "another process holds the lock, or the lock was lost" },
  LIB_NO_SPACE: { exit: 1, meaning: "the disk is full" },
  LIB_TAR_CORRUPT: { exit: 1, meaning: "an archive is not a well-formed tar archive" },
  LIB_TAR_TRUNCATED: { exit: 1, meaning: "an archive is truncated" },
  LIB_UNSAFE_PATH: { exit: 1, meaning: "a path in an input leads out of its folder" },
  LIB_XML_CHARACTER: { exit: 1, meaning: "a text has a character that XML does not allow" },
  LIB_XML_DOCTYPE: { exit: 1, meaning: "an XML document has a DOCTYPE, which is always refused" },
  LIB_XML_ENTITY: {
    exit: 1,
    meaning: "an XML document uses an entity that XML does not predefine",
  },
  LIB_XML_LIMIT: { exit: 1, meaning: "an XML document is too large or too deeply nested" },
  LIB_XML_MALFORMED: { exit: 1, meaning: "a document is not well-formed XML in UTF-8" },
  PLAN_BAD_CHANGELOG: {
    exit: 1,
    meaning: "a changelog is not in rpm's format, or its newest entry does not come first",
  },
  PLAN_BAD_VERSION: {
    exit: 1,
    meaning: "rpm does not allow this version or release, or the resulting name is too long",
  },
  PLAN_NO_VERSION: {
    exit: 1,
    meaning: "neither the descriptor nor the command line gives a version",
  },
  PLAN_SAME_PACKAGE: {
    exit: 1,
    meaning: "two sources of one command would give the same package; nothing was built",
  },
  PUBLISH_CONFLICT: {
    exit: 1,
    meaning: "a file that must never change already exists with other content",
  },
  RECIPE_INVALID: { exit: 1, meaning: "a recipe, or a site's answers to it, has errors" },
  RECIPE_UNKNOWN: { exit: 1, meaning: "no such recipe is installed" },
  REPODATA_BAD_NAME: { exit: 1, meaning: "a package's file name is not safe in a URL" },
  REPODATA_BAD_TEXT: {
    exit: 1,
    meaning: "a package has a text that repository metadata cannot hold",
  },
  REPODATA_DAMAGED: { exit: 3, meaning: "repository metadata does not match repomd.xml" },
  REPODATA_TOO_LARGE: { exit: 1, meaning: "repository metadata is larger than the limit" },
  REPO_BAD_NAME: { exit: 2, meaning: "a repository's name is not a valid id for .repo files" },
  REPO_BAD_PACKAGES: { exit: 3, meaning: "packages were refused; nothing was added" },
  REPO_BAD_URL: { exit: 2, meaning: "a base URL is not one that clients can use" },
  REPO_DAMAGED: { exit: 3, meaning: "a repository is not consistent" },
  REPO_EXISTS: { exit: 1, meaning: "the folder already has a repository" },
  REPO_FOREIGN: { exit: 1, meaning: "a folder is not empty and not a virt-appliance repository" },
  REPO_MISSING: { exit: 1, meaning: "the folder has no repository" },
  REPO_UNKNOWN_PACKAGE: { exit: 1, meaning: "a package is not in the repository" },
  REPO_WRONG_KEY: { exit: 1, meaning: "the given key is not the repository's key" },
  RPM_BAD_PLAN: { exit: 1, meaning: "the planned package cannot be expressed as an RPM" },
  RPM_BAD_TEMPLATE: { exit: 1, meaning: "a spec template has unknown or missing variables" },
  RPM_INPUT_CHANGED: { exit: 1, meaning: "a file changed while it was being packaged or signed" },
  RPM_MALFORMED: { exit: 1, meaning: "a package does not follow the RPM format" },
  RPM_NO_SIGNATURE_SPACE: { exit: 1, meaning: "a package has no room for a signature" },
  RPM_RPMBUILD: { exit: 1, meaning: "rpmbuild could not build a package" },
  RPM_TARGET: { exit: 1, meaning: "a system of --for cannot install the package" },
  SIGN_BAD_REQUEST: {
    exit: 2,
    meaning: "the name, address or lifetime for a new key is not valid",
  },
  SIGN_KEY_BAD: { exit: 1, meaning: "a file does not hold the expected OpenPGP key" },
  SIGN_KEY_EXISTS: { exit: 1, meaning: "a key of this name already exists" },
  SIGN_KEY_EXPIRED: {
    exit: 1,
    meaning: "the signing key has expired, or expires before the signature date",
  },
  SIGN_KEY_EXPOSED: {
    exit: 1,
    meaning: "users other than its owner can read or write a secret key",
  },
  SIGN_KEY_REVOKED: { exit: 1, meaning: "the signing key has been revoked" },
  SIGN_KEY_TARGET: { exit: 1, meaning: "a system of --for cannot use the signing key" },
  SIGN_KEY_UNKNOWN: { exit: 1, meaning: "there is no such key, or gpg has several" },
  SIGN_KEY_UNUSABLE: { exit: 1, meaning: "a key is of a kind that cannot sign packages" },
  SIGN_NO_SIGNATURE: { exit: 1, meaning: "a package has no signature by the key" },
  SIGN_PASSPHRASE_MISSING: { exit: 1, meaning: "a key is locked and no passphrase was given" },
  SIGN_RPM_CORRUPT: { exit: 3, meaning: "a package to be signed does not match its own digests" },
  SIGN_RPM_INCOMPLETE: {
    exit: 3,
    meaning: "a package to be signed lacks a digest that rpm requires of signed packages",
  },
  SIGN_SIGNER_BAD_ANSWER: {
    exit: 1,
    meaning:
      "gpg or the program of --signer exec: did not return the signature that it was asked for",
  },
  SIGN_SIGNER_FAILED: {
    exit: 1,
    meaning: "gpg or the program of --signer exec: failed, or did not end in time",
  },
  SIGN_WRONG_PASSPHRASE: { exit: 1, meaning: "the passphrase does not unlock the key" },
  SOURCE_CHECKSUM_MISMATCH: {
    exit: 3,
    meaning: "a file does not match the checksum in its descriptor",
  },
  SOURCE_DISK_MISSING: { exit: 1, meaning: "a disk is in the descriptor but not in the source" },
  SOURCE_EXISTS: { exit: 1, meaning: "the input of init already is an appliance descriptor" },
  SOURCE_FILE_MISSING: { exit: 1, meaning: "a file is in the descriptor but not in the source" },
  SOURCE_INEXPRESSIBLE: { exit: 1, meaning: "a machine cannot be described as an appliance" },
  SOURCE_INVALID: { exit: 1, meaning: "a source has errors that prevent its use" },
  SOURCE_MEMBER_REFUSED: { exit: 1, meaning: "an archive has a member that is never unpacked" },
  SOURCE_NOT_EMPTY: { exit: 1, meaning: "the folder to unpack into is not empty" },
  SOURCE_NO_DESCRIPTOR: { exit: 1, meaning: "a source has no appliance descriptor" },
  SOURCE_TWO_DESCRIPTORS: {
    exit: 1,
    meaning: "a source has several appliance descriptors",
  },
  SOURCE_UNKNOWN_FORMAT: {
    exit: 1,
    meaning: "a source is not a folder, a tar archive or a descriptor",
  },
  SOURCE_UNKNOWN_SUFFIX: {
    exit: 2,
    meaning: "the name of an output archive has no known suffix",
  },
} as const;

/** A stable failure code, a key of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** Optional parts of an {@link ApplianceError}. */
export interface ApplianceErrorOptions {
  readonly cause?: unknown;
  /** What the user can do; a sentence fragment without a full stop. */
  readonly hint?: string | undefined;
  /** One line each, printed below the message: the problems when there are several. */
  readonly details?: readonly string[] | undefined;
}

/** Replaces control characters, so that text from outside cannot drive a terminal. */
export function escapeControls(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is searched for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (c) => {
    const code = c.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/**
 * An expected failure, caused by something outside the program. The message starts with its subject (a path or a name),
 * followed by the fact, the expected and the found value.
 */
export class ApplianceError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: readonly string[];

  constructor(code: ErrorCode, message: string, options: ApplianceErrorOptions = {}) {
    super(escapeControls(message), "cause" in options ? { cause: options.cause } : {});
    this.name = "ApplianceError";
    this.code = code;
    this.hint = options.hint === undefined ? undefined : escapeControls(options.hint);
    this.details = (options.details ?? []).map(escapeControls);
  }

  /** Exit status of the command line for this failure. */
  get exitCode(): ExitCode {
    return errorCodes[this.code].exit;
  }
}

/** Returns the message with the subject as its only prefix. */
export function aboutSubject(subject: string, message: string): string {
  const prefix = `${subject}: `;
  let rest = message;
  while (rest.startsWith(prefix)) rest = rest.slice(prefix.length);
  return prefix + rest;
}

/** Exit status of the command line for a class of failures. */
export type ExitCode = 1 | 2 | 3 | 4 | 130;

/**
 * Every code that an ApplianceError can carry: the exit status it leads to, and one sentence for the README.
 * Codes are stable; they are sorted, and named FOLDER_WHAT after the folder that throws them.
 */
export const errorCodes = {
  CLI_FILE_EXISTS: {
    exit: 1,
    meaning: "the output file already exists",
  },
  CLI_NODE_TOO_OLD: { exit: 4, meaning: "the installed node is too old for the command line" },
  CLI_NO_BUNDLE: { exit: 1, meaning: "the program came without what its package is made of" },
  CLI_USAGE: { exit: 2, meaning: "the command line was not understood" },
  HOST_BASE_IN_USE: {
    exit: 1,
    meaning: "a base came into use while it was to be removed; it stays",
  },
  HOST_CATALOGUE_BAD: {
    exit: 1,
    meaning: "an entry of the catalogue is not as a package leaves it",
  },
  HOST_INSTALL_FAILED: {
    exit: 1,
    meaning: "a VM's installer failed, or did not end in time; nothing of the VM was kept",
  },
  HOST_INTERRUPTED: { exit: 1, meaning: "an earlier operation on the VM is half-done" },
  HOST_METADATA_BAD: {
    exit: 1,
    meaning: "what a VM's definition says about its appliance cannot be read",
  },
  HOST_METADATA_FOREIGN: {
    exit: 1,
    meaning: "what a VM's definition says about its appliance was written for another VM",
  },
  HOST_NEEDS_ROOT: { exit: 4, meaning: "the command changes the host and needs root" },
  HOST_REFUSED: {
    exit: 1,
    meaning: "the command cannot work on this host as it is; nothing was changed",
  },
  HOST_SECRETS_EXPOSED: {
    exit: 1,
    meaning: "others than root can read a file with a site's secrets",
  },
  HOST_STILL_RUNNING: {
    exit: 1,
    meaning: "a VM runs that has to be off, or did not shut down in time; nothing was changed",
  },
  HOST_TREE_UNREACHABLE: { exit: 4, meaning: "an installer's tree, kernel or initrd is not there" },
  HOST_UNHEALTHY: {
    exit: 3,
    meaning: "an updated VM did not come up healthy, and was taken back to its version of before",
  },
  HOST_UNKNOWN_APPLIANCE: { exit: 1, meaning: "no such appliance is installed" },
  HOST_UNKNOWN_VM: {
    exit: 1,
    meaning: "there is no such VM, or it was not made from an appliance",
  },
  IMAGE_BACKING_FILE: { exit: 1, meaning: "a disk image names another file that holds part of it" },
  IMAGE_BAD_SIZE: { exit: 1, meaning: "a disk has a size that no disk can have" },
  IMAGE_CORRUPT: { exit: 1, meaning: "a disk image is damaged, in use or not readable" },
  IMAGE_DIFFERS: { exit: 1, meaning: "a converted disk image is not equal to its source" },
  IMAGE_ENCRYPTED: { exit: 1, meaning: "a disk image is encrypted" },
  IMAGE_EXTERNAL_DATA: { exit: 1, meaning: "a disk image keeps its data in another file" },
  IMAGE_FORMAT_MISMATCH: { exit: 1, meaning: "a disk image is not of the format it is said to be" },
  IMAGE_UNSUPPORTED: { exit: 1, meaning: "a disk image is of a kind that is not read" },
  LIBVIRT_DENIED: { exit: 4, meaning: "libvirt does not let this user in; root may be needed" },
  LIBVIRT_FAILED: { exit: 1, meaning: "libvirt refused to do what was asked" },
  LIBVIRT_TIMEOUT: { exit: 4, meaning: "libvirt did not do in time what was asked" },
  LIBVIRT_UNEXPECTED: { exit: 1, meaning: "a document of libvirt's is not what it should be" },
  LIBVIRT_UNKNOWN: { exit: 1, meaning: "libvirt knows no domain or pool of that name" },
  LIBVIRT_UNREACHABLE: { exit: 4, meaning: "libvirt does not answer" },
  LIB_COMPRESSED_CORRUPT: { exit: 1, meaning: "compressed data is damaged or cut short" },
  LIB_EXEC_FAILED: { exit: 1, meaning: "an external program ended with an error" },
  LIB_EXEC_MISSING: { exit: 4, meaning: "an external program is not installed" },
  LIB_FILE_CHANGED: { exit: 1, meaning: "a file changed while it was read" },
  LIB_INTERRUPTED: {
    exit: 130,
    meaning: "the operation was interrupted; nothing half-made was left",
  },
  LIB_IO: { exit: 1, meaning: "a file could not be read or written" },
  LIB_JOURNAL_UNFINISHED: {
    exit: 1,
    meaning: "an operation stopped behind its point of return; the next command finishes it",
  },
  LIB_JOURNAL_UNKNOWN: { exit: 1, meaning: "an interrupted operation is of a kind not known here" },
  LIB_LIMIT_EXCEEDED: { exit: 1, meaning: "something from outside is larger than allowed" },
  LIB_LOCKED: { exit: 1, meaning: "another process is working on the same thing" },
  LIB_NO_SPACE: { exit: 1, meaning: "the disk is full" },
  LIB_TAR_CORRUPT: { exit: 1, meaning: "an archive is not a well-formed tar archive" },
  LIB_TAR_TRUNCATED: { exit: 1, meaning: "an archive ends too early" },
  LIB_UNSAFE_PATH: { exit: 1, meaning: "a path from outside leaves the folder it belongs in" },
  LIB_XML_CHARACTER: { exit: 1, meaning: "a text holds a character that XML cannot hold" },
  LIB_XML_DOCTYPE: { exit: 1, meaning: "an XML document has a DOCTYPE, which is never read" },
  LIB_XML_ENTITY: { exit: 1, meaning: "an XML document uses an entity that is not XML's own" },
  LIB_XML_LIMIT: { exit: 1, meaning: "an XML document is too large or too deep" },
  LIB_XML_MALFORMED: { exit: 1, meaning: "a document is not well-formed XML in UTF-8" },
  PLAN_BAD_CHANGELOG: {
    exit: 1,
    meaning: "a changelog is not of the form that rpm has, or not the newest first",
  },
  PLAN_BAD_VERSION: {
    exit: 1,
    meaning: "a version or release is none that rpm can hold, or a name with them is too long",
  },
  PLAN_NO_VERSION: { exit: 1, meaning: "neither descriptor nor command line give a version" },
  PLAN_SAME_PACKAGE: {
    exit: 1,
    meaning: "two sources of one command would be built into the same package; nothing was built",
  },
  PUBLISH_CONFLICT: {
    exit: 1,
    meaning: "a file that never changes already exists with other content",
  },
  RECIPE_INVALID: { exit: 1, meaning: "a recipe or a site's answers to it cannot be used" },
  RECIPE_UNKNOWN: { exit: 1, meaning: "no such recipe is installed" },
  REPODATA_BAD_NAME: { exit: 1, meaning: "a package's file name is not safe in addresses" },
  REPODATA_BAD_TEXT: { exit: 1, meaning: "a package holds a text that metadata cannot hold" },
  REPODATA_DAMAGED: { exit: 3, meaning: "repository metadata is not what repomd.xml says" },
  REPODATA_TOO_LARGE: { exit: 1, meaning: "repository metadata is larger than what is read" },
  REPO_BAD_NAME: { exit: 2, meaning: "a repository's name cannot be used in .repo files" },
  REPO_BAD_PACKAGES: { exit: 3, meaning: "packages were refused; nothing was added" },
  REPO_BAD_URL: { exit: 2, meaning: "a base address is not one that clients can use" },
  REPO_DAMAGED: { exit: 3, meaning: "a repository is not consistent" },
  REPO_EXISTS: { exit: 1, meaning: "a repository exists there already" },
  REPO_FOREIGN: { exit: 1, meaning: "a folder belongs to somebody else" },
  REPO_MISSING: { exit: 1, meaning: "there is no repository" },
  REPO_UNKNOWN_PACKAGE: { exit: 1, meaning: "a package is not in the repository" },
  REPO_WRONG_KEY: { exit: 1, meaning: "the key is not the repository's key" },
  RPM_BAD_PLAN: { exit: 1, meaning: "the planned package cannot be expressed as an RPM" },
  RPM_INPUT_CHANGED: { exit: 1, meaning: "a file changed while it was packaged" },
  RPM_MALFORMED: { exit: 1, meaning: "a package is not as the RPM format wants it" },
  RPM_NO_SIGNATURE_SPACE: { exit: 1, meaning: "a package has no room for a signature" },
  SIGN_BAD_REQUEST: {
    exit: 2,
    meaning: "a key was asked for with a name, address or lifetime that it cannot have",
  },
  SIGN_KEY_BAD: { exit: 1, meaning: "a file does not hold the OpenPGP key that is expected" },
  SIGN_KEY_EXISTS: { exit: 1, meaning: "a key of this name already exists" },
  SIGN_KEY_EXPIRED: {
    exit: 1,
    meaning: "the key to sign with has expired, now or by the time that the signature is to tell",
  },
  SIGN_KEY_EXPOSED: { exit: 1, meaning: "others than its owner can read or write a secret key" },
  SIGN_KEY_REVOKED: { exit: 1, meaning: "the key to sign with has been revoked" },
  SIGN_KEY_UNKNOWN: { exit: 1, meaning: "there is no such key" },
  SIGN_KEY_UNUSABLE: { exit: 1, meaning: "a key is of a kind that cannot sign packages" },
  SIGN_PASSPHRASE_MISSING: { exit: 1, meaning: "a key is locked, and no passphrase was given" },
  SIGN_RPM_CORRUPT: { exit: 3, meaning: "a package to be signed does not match its own digests" },
  SIGN_RPM_INCOMPLETE: {
    exit: 3,
    meaning: "a package to be signed lacks a digest that rpm demands of signed packages",
  },
  SIGN_WRONG_PASSPHRASE: { exit: 1, meaning: "a passphrase does not open the key" },
  SOURCE_CHECKSUM_MISMATCH: {
    exit: 3,
    meaning: "a file has another checksum than its descriptor says",
  },
  SOURCE_DISK_MISSING: { exit: 1, meaning: "a disk is in the descriptor but not in the source" },
  SOURCE_EXISTS: { exit: 1, meaning: "what a descriptor was to be made from is one already" },
  SOURCE_FILE_MISSING: { exit: 1, meaning: "a file is in the descriptor but not in the source" },
  SOURCE_INEXPRESSIBLE: { exit: 1, meaning: "a machine cannot be described as an appliance" },
  SOURCE_INVALID: { exit: 1, meaning: "a source has problems that prevent its use" },
  SOURCE_MEMBER_REFUSED: { exit: 1, meaning: "an archive holds something that is never unpacked" },
  SOURCE_NOT_EMPTY: { exit: 1, meaning: "the folder to unpack into is not empty" },
  SOURCE_NO_DESCRIPTOR: { exit: 1, meaning: "there is no appliance descriptor in a source" },
  SOURCE_TWO_DESCRIPTORS: {
    exit: 1,
    meaning: "there are several appliance descriptors in a source",
  },
  SOURCE_UNKNOWN_FORMAT: { exit: 1, meaning: "a source is neither a folder nor a tar archive" },
  SOURCE_UNKNOWN_SUFFIX: {
    exit: 2,
    meaning: "the name of an archive to write does not say its compression",
  },
} as const;

/** A stable failure code, a key of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** What an {@link ApplianceError} may carry beyond code and message. */
export interface ApplianceErrorOptions {
  readonly cause?: unknown;
  /** What the user can do about it; a sentence fragment without full stop. */
  readonly hint?: string;
  /** One line each, printed below the message: the problems when there are several. */
  readonly details?: readonly string[];
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
 * An expected failure: something outside the program is not as it must be.
 * The message starts with its subject (a path or a name), then says the fact, what was expected and what was found.
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

/** Answers a message about a subject that begins with it, once, whatever the message began with. */
export function aboutSubject(subject: string, message: string): string {
  const prefix = `${subject}: `;
  let rest = message;
  while (rest.startsWith(prefix)) rest = rest.slice(prefix.length);
  return prefix + rest;
}

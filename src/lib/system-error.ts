import os from "node:os";
import { getSystemErrorMap } from "node:util";

/** Descriptions of file system errors by code. */
const facts: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EBUSY: "in use",
  EEXIST: "already exists",
  EFBIG: "larger than the limit of the file system or of the process",
  EIO: "cannot be read or written: input/output error",
  EISDIR: "is a folder, expected a file",
  ELOOP: "too many symbolic links",
  EMFILE: "too many open files",
  EMLINK: "too many links",
  ENAMETOOLONG: "name too long",
  ENFILE: "too many open files on this machine",
  ENODEV: "no such device",
  ENOENT: "no such file or folder",
  ENOTDIR: "not a folder, or below a path that is not a folder",
  ENOTEMPTY: "folder is not empty",
  ENOTSUP: "not supported by the file system",
  ENXIO: "no such device",
  EOPNOTSUPP: "not supported by the file system",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
  ESTALE: "gone from the file server",
  ETXTBSY: "in use by a running program",
  EXDEV: "on another file system",
};

/** Hints for file system errors that a resource limit can cause. */
const hints: Readonly<Record<string, string>> = {
  EFBIG: "raise the limit (ulimit -f), or write to another file system",
  EMFILE: "raise the limit: ulimit -n 1024",
};

/** Returns the hint for a system error; undefined if there is none. */
export function hintOfSystemError(code: unknown): string | undefined {
  return typeof code === "string" && Object.hasOwn(hints, code) ? hints[code] : undefined;
}

/** Returns the code of a system error. Node has no name for some errors: 116 is an error of network file systems. */
function codeOf(error: Error & Record<"code", unknown>): string {
  const errno = "errno" in error ? Math.abs(Number(error.errno)) : 0;
  const named = Object.entries(os.constants.errno).find(([, number]) => number === errno);
  return typeof error.code === "string" && Object.hasOwn(facts, error.code)
    ? error.code
    : (named?.[0] ?? String(error.code));
}

/**
 * Returns the description of a system error: `in use`, or if the table has none, the system's: `invalid seek (ESPIPE)`.
 *
 * @returns undefined if it is not a system error
 */
export function describeSystemError(error: Error & Record<"code", unknown>): string | undefined {
  const fact = facts[codeOf(error)];
  if (fact !== undefined || !("syscall" in error) || !("errno" in error)) return fact;
  const errno = Number(error.errno);
  const [name, text] = getSystemErrorMap().get(errno) ?? [];
  return name === undefined
    ? `refused by the system with error ${Math.abs(errno)}`
    : `${text} (${name})`;
}

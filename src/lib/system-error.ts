import os from "node:os";
import { getSystemErrorMap } from "node:util";

/** What the errors of the file system mean, in our words. */
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

/** What to do about errors of the file system that a limit of the shell can cause. */
const hints: Readonly<Record<string, string>> = {
  EFBIG: "raise the limit (ulimit -f), or write to another file system",
  EMFILE: "raise the limit: ulimit -n 1024",
};

/** Returns what the user can do about an error of the system; undefined where the error says all there is. */
export function hintOfSystemError(code: unknown): string | undefined {
  return typeof code === "string" && Object.hasOwn(hints, code) ? hints[code] : undefined;
}

/** Node knows not every error of the system by name: 116 is one of file servers. */
function codeOf(error: Error & Record<"code", unknown>): string {
  const errno = "errno" in error ? Math.abs(Number(error.errno)) : 0;
  const named = Object.entries(os.constants.errno).find(([, number]) => number === errno);
  return typeof error.code === "string" && Object.hasOwn(facts, error.code)
    ? error.code
    : (named?.[0] ?? String(error.code));
}

/**
 * Returns what the system means by an error: `in use`, or in the system's own words `invalid seek (ESPIPE)`.
 *
 * @returns undefined for what the system did not refuse
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

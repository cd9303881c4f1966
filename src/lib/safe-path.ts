import { ApplianceError } from "../errors.ts";

/** Maximum length of an untrusted path, in bytes: Linux's PATH_MAX minus room for the folder it is placed in. */
const MAX_PATH_BYTES = 3072;

/**
 * Checks an untrusted relative path (archive member, descriptor, metadata) and returns it normalised, without `.`
 * components and doubled or trailing slashes.
 *
 * @param origin  where the path comes from, for the message
 * @throws ApplianceError `LIB_UNSAFE_PATH` when it is empty, absolute, too long, leaves its root, or contains a
 *   control character
 */
export function safeRelativePath(raw: string, origin: string): string {
  const refuse = (why: string): never => {
    throw new ApplianceError("LIB_UNSAFE_PATH", `${origin}: path "${raw.slice(0, 200)}" ${why}`, {
      hint: "use a relative path inside its folder",
    });
  };
  if (raw === "") refuse("is empty");
  if (Buffer.byteLength(raw) > MAX_PATH_BYTES) refuse(`is longer than ${MAX_PATH_BYTES} bytes`);
  // eslint-disable-next-line no-control-regex -- control characters are what is searched for
  if (/[\u0000-\u001f\u007f]/.test(raw)) refuse("contains a control character");
  if (raw.startsWith("/")) refuse("is absolute");
  const parts = raw.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) refuse('leaves its folder through ".."');
  if (parts.length === 0) refuse("is the folder itself");
  return parts.join("/");
}

import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { formatSizes } from "../../lib/format-size.ts";

/** Returns what is wrong with a value, as `expected …`; undefined if nothing. */
export type SettingFault = (value: string) => string | undefined;

/** Longest script, in bytes: cloud-init's limit for all user data on most platforms. */
const MAX_SCRIPT_BYTES = 16 * 1024;

const LABEL = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

function isHostName(text: string): boolean {
  return text.length <= 253 && text.split(".").every((label) => LABEL.test(label));
}

/** A host name with or without its domain (RFC 1123). */
export const hostNameFault: SettingFault = (value) =>
  isHostName(value)
    ? undefined
    : "expected letters, digits and - in parts of at most 63 characters, joined by dots";

/** Splits a list of words at spaces, commas and line ends. */
export function listOf(value: string): readonly string[] {
  return value.split(/[\s,]+/).filter((word) => word !== "");
}

/** A list of host names and addresses. */
export const serversFault: SettingFault = (value) => {
  const servers = listOf(value);
  if (servers.length === 0) return "expected host names or IP addresses";
  const bad = servers.find((one) => isIP(one) === 0 && !isHostName(one));
  return bad === undefined ? undefined : `"${bad}", expected a host name or an IP address`;
};

/** Returns the lines of a value that are not empty. */
export function linesOf(value: string): readonly string[] {
  return value
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** Returns whether a text is a public key in OpenSSH's form, with options before it or not (sshd(8), AUTHORIZED_KEYS). */
function isPublicKey(line: string): boolean {
  const [, type = "", base64 = ""] =
    /(?:^|\s)((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+)\s+([A-Za-z0-9+/]+={0,2})(?:\s|$)/.exec(
      line,
    ) ?? [];
  const bytes = Buffer.from(base64, "base64");
  // The key repeats its type, after the length of it (RFC 4253, 6.6).
  return (
    bytes.length > type.length + 4 &&
    bytes.readUInt32BE(0) === type.length &&
    bytes.subarray(4, 4 + type.length).toString("latin1") === type
  );
}

/** Public keys, one on each line. */
export const publicKeysFault: SettingFault = (value) => {
  const lines = linesOf(value);
  if (lines.length === 0) return "expected a public key, such as a line of ~/.ssh/id_ed25519.pub";
  if (value.includes("PRIVATE KEY")) return "a private key, expected the public one";
  const bad = lines.findIndex((line) => !isPublicKey(line));
  if (bad === -1) return undefined;
  const place = lines.length === 1 ? "" : `line ${bad + 1}: `;
  return `${place}not a public key, expected one such as a line of ~/.ssh/id_ed25519.pub`;
};

/** Name of a user (useradd(8)). */
export const userFault: SettingFault = (value) =>
  /^[a-z_][a-z0-9_-]{0,31}$/.test(value)
    ? undefined
    : "expected lower-case letters, digits, _ and -, not starting with a digit, at most 32";

/** Hash of a password (crypt(5)). The message does not show the value, which may be the password. */
export const passwordHashFault: SettingFault = (value) =>
  /^\$(?:y|gy|7|6|5|2[aby])\$[\x21-\x39\x3b-\x7e]{20,}$/.test(value)
    ? undefined
    : "not a hash of crypt(5), expected one such as openssl passwd -6 prints";

/** A time zone of the IANA database. */
export const timeZoneFault: SettingFault = (value) => {
  const expected = "expected a name such as Europe/Berlin or UTC";
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(value)) return expected;
  try {
    Intl.DateTimeFormat("en", { timeZone: value });
    return undefined;
  } catch {
    return expected;
  }
};

/** A locale of the C library. */
export const localeFault: SettingFault = (value) =>
  /^(?:C|POSIX|[a-z]{2,3}(?:_[A-Z]{2})?)(?:\.[A-Za-z0-9-]+)?(?:@[a-z]+)?$/.test(value)
    ? undefined
    : "expected a name such as de_DE.UTF-8 or C.UTF-8";

/** Place of a syslog server: `[udp://|tcp://]HOST[:PORT]`. */
export interface SyslogServer {
  readonly protocol: "udp" | "tcp";
  /** An IPv6 address is in brackets. */
  readonly host: string;
  readonly port: number;
}

/** Returns the parts of a syslog server; undefined if the text is none. */
export function parseSyslogServer(value: string): SyslogServer | undefined {
  const [, protocol = "udp", host = "", port = "514"] =
    /^(?:(udp|tcp):\/\/)?(\[[0-9A-Fa-f:.]+\]|[^:/\s]+)(?::([0-9]{1,5}))?$/.exec(value) ?? [];
  const isAddress = host.startsWith("[") ? isIP(host.slice(1, -1)) === 6 : isHostName(host);
  const number = Number(port);
  if (!isAddress || number < 1 || number > 65_535) return undefined;
  return { protocol: protocol === "tcp" ? "tcp" : "udp", host, port: number };
}

/** A syslog server. */
export const syslogFault: SettingFault = (value) =>
  parseSyslogServer(value) === undefined
    ? "expected HOST, HOST:PORT or tcp://HOST:PORT"
    : undefined;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Returns the certificates in a text, in PEM form. */
export function certificatesOf(value: string): readonly string[] {
  return value.match(CERTIFICATE) ?? [];
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

/** Certificates in PEM form. */
export const certificatesFault: SettingFault = (value) => {
  if (value.includes("PRIVATE KEY")) return "contains a private key, expected certificates only";
  const all = certificatesOf(value);
  if (all.length === 0) return "expected certificates in PEM form (BEGIN CERTIFICATE)";
  const bad = all.findIndex((pem) => !isCertificate(pem));
  return bad === -1 ? undefined : `certificate ${bad + 1} cannot be read`;
};

/** A script. */
export const scriptFault: SettingFault = (value) => {
  if (!value.startsWith("#!/"))
    return "expected a script whose first line names its interpreter, such as #!/bin/sh";
  const bytes = Buffer.byteLength(value);
  if (bytes <= MAX_SCRIPT_BYTES) return undefined;
  const [has, most] = formatSizes(bytes, MAX_SCRIPT_BYTES);
  return `has ${has}, expected at most ${most}`;
};

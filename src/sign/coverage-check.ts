import { type Check, checkDeviations, type CheckSubject } from "./verification.ts";

const isRight = ({ status }: Check): boolean => status === "ok" || status === "deviates";

/** Statuses of a signature by some key, whether or not the key is trusted. */
const claims: ReadonlySet<string> = new Set(["ok", "deviates", "nokey", "expired", "revoked"]);

const NO_SHA256 = "no SHA-256: rpm 6 and hosts in FIPS mode refuse the package";

/**
 * Returns what is missing by rpm's rules, given the results of all checks: a correct digest must cover the header,
 * another one the payload, and in a signed package the signature must cover the payload too.
 */
export function checkCoverage(checks: readonly Check[]): Check[] {
  const has = (what: CheckSubject, ...algorithms: readonly string[]): boolean =>
    checks.some(
      (check) =>
        check.what === what && isRight(check) && algorithms.includes(check.algorithm ?? ""),
    );
  const isBad = (what: CheckSubject): boolean =>
    checks.some((check) => check.what === what && check.status === "bad");
  const isClaimed = (what: CheckSubject): boolean =>
    checks.some((check) => check.what === what && claims.has(check.status));
  const legacy = has("header and payload digest", "MD5");
  const found: Check[] = [];
  const demand = (what: CheckSubject, detail: string): void => {
    if (!isBad(what)) found.push({ what, status: "missing", detail });
  };
  if (!has("header digest", "SHA-256", "SHA-1") && !legacy) {
    demand("header digest", "the header has no digest that every rpm supports");
  } else if (!has("header digest", "SHA-256", "SHA3-256")) {
    found.push(checkDeviations("header digest", [{ code: "weak-header-digest", fact: NO_SHA256 }]));
  }
  const payload = has("payload digest", "SHA-256");
  if (!payload && isClaimed("header signature") && !isClaimed("header and payload signature")) {
    demand("payload digest", "no signature covers the payload");
  } else if (!payload && !legacy) {
    demand("payload digest", "the payload has no digest that every rpm supports");
  } else if (!payload) {
    found.push(
      checkDeviations("payload digest", [{ code: "weak-payload-digest", fact: NO_SHA256 }]),
    );
  }
  return found;
}

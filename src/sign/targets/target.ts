/** Systems that packages are judged for. */
export type TargetName = "el8" | "el9" | "el10" | "fedora" | "sle15" | "fips" | "rpm6";

interface Target {
  /** Name for people. */
  readonly called: string;
  /** Version of rpm whose features count, as `[major, minor]`; undefined for a mode that any version can be in. */
  readonly rpm: readonly [major: number, minor: number] | undefined;
}

/** Every target. */
export const targets: Readonly<Record<TargetName, Target>> = {
  el8: { called: "RHEL 8 and its rebuilds", rpm: [4, 14] },
  el9: { called: "RHEL 9 and its rebuilds", rpm: [4, 16] },
  el10: { called: "RHEL 10 and its rebuilds", rpm: [4, 19] },
  fedora: { called: "Fedora 43 and later", rpm: [6, 0] },
  sle15: { called: "SLE 15 and openSUSE Leap 15", rpm: [4, 14] },
  fips: { called: "a host in FIPS mode", rpm: undefined },
  rpm6: { called: "rpm 6", rpm: [6, 0] },
};

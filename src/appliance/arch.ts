const aliases: Readonly<Record<string, string>> = {
  amd64: "x86_64",
  x64: "x86_64",
  "x86-64": "x86_64",
  arm64: "aarch64",
  powerpc: "ppc",
  powerpc64: "ppc64",
  powerpc64le: "ppc64le",
  ppc64el: "ppc64le",
};

/**
 * Returns libvirt's name of an architecture: `i386` to `i986` become `i686`, `amd64` becomes `x86_64`. Unknown names
 * are unchanged.
 */
export function canonicalArch(arch: string): string {
  const lower = arch.toLowerCase();
  if (/^i[3-9]86$/.test(lower)) return "i686";
  return Object.hasOwn(aliases, lower) ? (aliases[lower] ?? lower) : lower;
}

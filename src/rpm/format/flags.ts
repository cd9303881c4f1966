/**
 * Bits of the flag tags, spelt as rpm spells them.
 *
 * Source: rpm `include/rpm/rpmds.h` (`RPMSENSE_*`), `rpmfiles.h` (`RPMFILE_*`, `RPMVERIFY_*`).
 */

/** Bits of `REQUIREFLAGS`, `PROVIDEFLAGS`, `FILETRIGGERFLAGS` and similar tags. */
export const sense = {
  LESS: 0x2,
  GREATER: 0x4,
  EQUAL: 0x8,
  POSTTRANS: 0x20,
  PRETRANS: 0x80,
  INTERP: 0x100,
  SCRIPT_PRE: 0x200,
  SCRIPT_POST: 0x400,
  SCRIPT_PREUN: 0x800,
  SCRIPT_POSTUN: 0x1000,
  SCRIPT_VERIFY: 0x2000,
  TRIGGERIN: 0x10000,
  TRIGGERUN: 0x20000,
  TRIGGERPOSTUN: 0x40000,
  RPMLIB: 0x1000000,
  TRIGGERPREIN: 0x2000000,
  CONFIG: 0x10000000,
} as const;

/** Bits of `FILEFLAGS`. */
export const fileFlags = {
  CONFIG: 0x1,
  DOC: 0x2,
  MISSINGOK: 0x8,
  NOREPLACE: 0x10,
  GHOST: 0x40,
  LICENSE: 0x80,
  README: 0x100,
} as const;

/** Bits of `FILEVERIFYFLAGS`. */
export const verifyFlags = {
  FILEDIGEST: 0x1,
  FILESIZE: 0x2,
  LINKTO: 0x4,
  USER: 0x8,
  GROUP: 0x10,
  MTIME: 0x20,
  MODE: 0x40,
  RDEV: 0x80,
  CAPS: 0x100,
} as const;

export { type ParsedDescriptor, parseDescriptor } from "./parse-descriptor.ts";
export {
  diskFormatNames,
  formatOfName,
  isDiskFormat,
  isHardDiskName,
  isDiscFormat,
  isPlainFormat,
  isShippedFormat,
  shippedFormatNames,
  withoutImageSuffix,
} from "./disk-formats.ts";
export { NO_MACHINE } from "./no-machine.ts";
export { renderDescriptor } from "./render-descriptor.ts";
export {
  certificatesOf,
  linesOf,
  listOf,
  parseSyslogServer,
  type SyslogServer,
} from "./settings/setting-faults.ts";
export { type SettingName, settingFaults } from "./settings/well-known-settings.ts";
export { validateAppliance } from "./validate.ts";
export { findNameProblems } from "./validate-metadata.ts";
export { type HostCapabilities, type HostGuest, type HostMatch, matchHost } from "./match-host.ts";
export type { ProblemCode } from "./problem-codes.ts";
export type * from "./model.ts";

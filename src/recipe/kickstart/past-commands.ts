import { type CommandRow, row } from "./command-row.ts";
import type { From } from "./value-type.ts";

const gone = (
  name: string,
  source: string,
  times: { readonly deprecated?: From; readonly removed?: From },
): CommandRow =>
  row(name, source, "neither", { free: true, words: { least: 0, most: 1000 }, ...times });

const authconfig = { deprecated: { F: 28, RHEL: 8 }, removed: { F: 35, RHEL: 10 } };

/** Removed commands. They are listed so that a message can report their removal. */
export const pastCommands: readonly CommandRow[] = [
  { ...gone("auth", "authconfig.F35_Authconfig", authconfig), usableBy: "both" },
  { ...gone("authconfig", "authconfig.F35_Authconfig", authconfig), usableBy: "both" },
  gone("autostep", "autostep.F40_Autostep", {
    deprecated: { F: 34, RHEL: 9 },
    removed: { F: 40, RHEL: 10 },
  }),
  gone("device", "device.F34_Device", {
    deprecated: { F: 24, RHEL: 8 },
    removed: { F: 34, RHEL: 9 },
  }),
  gone("deviceprobe", "deviceprobe.F34_DeviceProbe", {
    deprecated: { F: 29, RHEL: 8 },
    removed: { F: 34, RHEL: 9 },
  }),
  gone("dmraid", "dmraid.F34_DmRaid", {
    deprecated: { F: 24, RHEL: 8 },
    removed: { F: 34, RHEL: 9 },
  }),
  gone("install", "install.F34_Install", {
    deprecated: { F: 29, RHEL: 8 },
    removed: { F: 34, RHEL: 9 },
  }),
  gone("interactive", "interactive.F15_Interactive", {
    deprecated: { F: 14 },
    removed: { F: 15, RHEL: 7 },
  }),
  gone("key", "key.RHEL5_Key", { removed: { F: 1, RHEL: 7 } }),
  gone("langsupport", "langsupport.F7_LangSupport", {
    deprecated: { F: 5, RHEL: 5 },
    removed: { F: 7, RHEL: 6 },
  }),
  gone("lilo", "bootloader.FC4_Lilo", { removed: { F: 4, RHEL: 5 } }),
  gone("lilocheck", "lilocheck.FC4_LiloCheck", { removed: { F: 4, RHEL: 5 } }),
  gone("monitor", "monitor.F18_Monitor", {
    deprecated: { F: 10, RHEL: 6 },
    removed: { F: 18, RHEL: 7 },
  }),
  gone("mouse", "mouse.F7_Mouse", { deprecated: { F: 3, RHEL: 4 }, removed: { F: 7, RHEL: 6 } }),
  gone("multipath", "multipath.F34_MultiPath", {
    deprecated: { F: 24, RHEL: 8 },
    removed: { F: 34, RHEL: 9 },
  }),
  gone("unsupported_hardware", "unsupported_hardware.RHEL6_UnsupportedHardware", {
    removed: { F: 1, RHEL: 8 },
  }),
  gone("upgrade", "upgrade.F29_Upgrade", {
    deprecated: { F: 20, RHEL: 7 },
    removed: { F: 29, RHEL: 8 },
  }),
];

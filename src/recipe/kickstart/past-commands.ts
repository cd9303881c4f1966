import { row } from "./command-row.ts";
import type { CommandRow } from "./command-row.ts";
import type { From } from "./value-type.ts";

const gone = (
  name: string,
  source: string,
  times: { readonly deprecated?: From; readonly removed?: From },
): CommandRow =>
  row(name, source, "neither", { free: true, words: { least: 0, most: 1000 }, ...times });

const authconfig = { deprecated: { F: 28, RHEL: 8 }, removed: { F: 35, RHEL: 10 } };

/** Commands of the past: known, so that it can be said what became of them. */
export const pastCommands: readonly CommandRow[] = [
  { ...gone("auth", "F35_Authconfig", authconfig), who: "both" },
  { ...gone("authconfig", "F35_Authconfig", authconfig), who: "both" },
  gone("autostep", "F40_AutoStep", {
    deprecated: { F: 34, RHEL: 9 },
    removed: { F: 40, RHEL: 10 },
  }),
  gone("bootdisk", "FC3_BootDisk", { removed: { F: 4, RHEL: 4 } }),
  gone("device", "F34_Device", { deprecated: { F: 24, RHEL: 8 }, removed: { F: 34, RHEL: 9 } }),
  gone("deviceprobe", "F34_DeviceProbe", {
    deprecated: { F: 29, RHEL: 8 },
    removed: { F: 34, RHEL: 9 },
  }),
  gone("dmraid", "F34_DmRaid", { deprecated: { F: 24, RHEL: 8 }, removed: { F: 34, RHEL: 9 } }),
  gone("install", "F34_Install", { deprecated: { F: 29, RHEL: 8 }, removed: { F: 34, RHEL: 9 } }),
  gone("interactive", "F15_Interactive", { removed: { F: 15, RHEL: 7 } }),
  gone("key", "F9_Key", { removed: { F: 9, RHEL: 6 } }),
  gone("langsupport", "FC5_LangSupport", { removed: { F: 5, RHEL: 5 } }),
  gone("lilo", "FC4_Lilo", { removed: { F: 4, RHEL: 4 } }),
  gone("lilocheck", "FC4_LiloCheck", { removed: { F: 4, RHEL: 4 } }),
  gone("monitor", "F10_Monitor", { deprecated: { F: 10, RHEL: 6 }, removed: { F: 26, RHEL: 8 } }),
  gone("mouse", "FC3_Mouse", { removed: { F: 4, RHEL: 4 } }),
  gone("multipath", "F34_MultiPath", {
    deprecated: { F: 24, RHEL: 8 },
    removed: { F: 34, RHEL: 9 },
  }),
  gone("unsupported_hardware", "RHEL6_UnsupportedHardware", { removed: { F: 1, RHEL: 8 } }),
  gone("upgrade", "F29_Upgrade", { deprecated: { F: 20, RHEL: 7 }, removed: { F: 29, RHEL: 8 } }),
];

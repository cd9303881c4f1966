/** An appliance, as its descriptor describes it. */
export type {
  Appliance,
  Boot,
  BootOs,
  BootType,
  Checksum,
  Disk,
  DiskFormat,
  DiskRole,
  Drive,
  FeatureName,
  NetworkInterface,
  Parameter,
  Problem,
  ShippedFormat,
} from "../../appliance/index.ts";

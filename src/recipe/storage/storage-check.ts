import type { Disk } from "../../appliance/index.ts";
import type { Findings } from "../compose/statement.ts";
import type { DisksBelow } from "./disks-below.ts";
import type { StorageLayout } from "./read-layout.ts";

/** What a layout is held against. */
export interface StorageCheck {
  readonly layout: StorageLayout;
  /** Names of the disks that lie below a group, through groups of groups, by the group's name. */
  readonly disksBelow: DisksBelow;
  /** Disks by the name that the installer finds them under. */
  readonly disks: ReadonlyMap<string, Disk>;
  readonly findings: Findings;
}

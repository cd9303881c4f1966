import type { Disk } from "../../appliance/index.ts";
import type { Findings } from "../compose/statement.ts";
import type { DisksBelow } from "./disks-below.ts";
import type { StorageLayout } from "./read-layout.ts";

/** A layout, with the disks that it is checked against. */
export interface StorageCheck {
  readonly layout: StorageLayout;
  /** Returns the names of the disks that a group is on. Groups may contain groups. */
  readonly disksBelow: DisksBelow;
  /** Disks by their device names in the installer. */
  readonly disks: ReadonlyMap<string, Disk>;
  readonly findings: Findings;
}

import { plainDevice } from "./device-names.ts";
import { groupBy } from "./group-by.ts";
import type { PlannedGroup, StorageLayout } from "./read-layout.ts";

/** Returns the names of the disks that a group is on, directly or through other groups. */
export type DisksBelow = (group: string) => readonly string[];

/**
 * Returns a function that finds the disks below a group. In a kickstart, groups may contain each other, and members may
 * be repeated many times, so each group is visited once.
 */
export function findDisksBelow(layout: StorageLayout): DisksBelow {
  const groups = new Map<string, PlannedGroup>();
  for (const group of layout.groups) if (!groups.has(group.name)) groups.set(group.name, group);
  const partitions = groupBy(layout.partitions, ({ mount }) => mount);
  // A group that is a member of another is named there by the first word of its command.
  const groupsNamed = groupBy(layout.groups, ({ by }) => by.item.words[1]?.value ?? "");
  const membersOf = new Map([...groups].map(([name, { members }]) => [name, new Set(members)]));
  const found = new Map<string, readonly string[]>();
  const find = (start: string): readonly string[] => {
    const below = new Set<string>();
    const seen = new Set([start]);
    // The iteration includes names that are added during the loop.
    for (const name of seen) {
      for (const member of membersOf.get(name) ?? []) {
        for (const { disk } of partitions.get(member) ?? []) {
          if (disk !== undefined) below.add(plainDevice(disk));
        }
        for (const inner of groupsNamed.get(member) ?? []) seen.add(inner.name);
      }
    }
    return [...below];
  };
  return (group) => {
    const known = found.get(group) ?? find(group);
    found.set(group, known);
    return known;
  };
}

import { plainDevice } from "./device-names.ts";
import { groupBy } from "./group-by.ts";
import type { PlannedGroup, StorageLayout } from "./read-layout.ts";

/** Returns the names of the disks that lie below a group. */
export type DisksBelow = (group: string) => readonly string[];

/**
 * Finds the disks below groups, each group once: what a kickstart says may name itself, and each member many times, so
 * a group that was visited is not visited again.
 */
export function findDisksBelow(layout: StorageLayout): DisksBelow {
  const groups = new Map<string, PlannedGroup>();
  for (const group of layout.groups) if (!groups.has(group.name)) groups.set(group.name, group);
  const partitions = groupBy(layout.partitions, ({ mount }) => mount);
  // A group that is a member of others is named there by its first word.
  const groupsNamed = groupBy(layout.groups, ({ by }) => by.item.words[1]?.value ?? "");
  const membersOf = new Map([...groups].map(([name, { members }]) => [name, new Set(members)]));
  const found = new Map<string, readonly string[]>();
  const find = (start: string): readonly string[] => {
    const below = new Set<string>();
    const seen = new Set([start]);
    // A set that grows is walked to its end.
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

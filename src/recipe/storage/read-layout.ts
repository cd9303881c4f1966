import { commandArguments } from "../kickstart/lint-kickstart.ts";
import type { CommandItem } from "../kickstart/model.ts";
import { hasOption, listValue, optionValue } from "../kickstart/read-options.ts";
import type { Statement } from "../compose/statement.ts";
import { diskOfPartition } from "./device-names.ts";

type Command = Statement<CommandItem>;

/** A partition that is to be created, or an existing one. */
export interface PlannedPartition {
  /** Mount point, `swap`, or `pv.01`, `raid.01`, `btrfs.01`. */
  readonly mount: string;
  /** Name of the disk in the kickstart; undefined: the installer chooses. */
  readonly disk: string | undefined;
  readonly sizeMiB: number;
  readonly grows: boolean;
  readonly by: Command;
}

/** A volume group, RAID device or Btrfs volume. */
export interface PlannedGroup {
  readonly name: string;
  /** Names of the partitions that the group consists of. */
  readonly members: readonly string[];
  readonly by: Command;
}

/** A logical volume. */
export interface PlannedVolume {
  readonly mount: string;
  readonly group: string;
  readonly sizeMiB: number;
  readonly by: Command;
}

/** The disk layout of all commands. */
export interface StorageLayout {
  readonly partitions: readonly PlannedPartition[];
  readonly groups: readonly PlannedGroup[];
  readonly volumes: readonly PlannedVolume[];
  /** Mount points of commands without a size: `mount`, `raid`, `btrfs`. */
  readonly mounts: readonly {
    readonly mount: string;
    readonly disks: readonly string[];
    readonly by: Command;
  }[];
  /** Disks that commands name, each with its command. */
  readonly references: readonly { readonly disk: string; readonly by: Command }[];
  readonly autopart: Command | undefined;
  /** Disks that the installer may use; undefined: all. */
  readonly onlyUse: readonly string[] | undefined;
  readonly ignored: readonly string[];
  readonly clearpart: Command | undefined;
}

/** Maximum size in MiB, larger than any disk. Sums of larger numbers would not be exact. */
const MAX_MIB = 2 ** 40;

function size(value: string | undefined): number {
  return value !== undefined && /^\d+$/.test(value) ? Math.min(Number(value), MAX_MIB) : 0;
}

/** Reads one command into the lists of a layout. */
class LayoutReader {
  readonly partitions: PlannedPartition[] = [];
  readonly groups: PlannedGroup[] = [];
  readonly volumes: PlannedVolume[] = [];
  readonly mounts: StorageLayout["mounts"][number][] = [];
  readonly references: StorageLayout["references"][number][] = [];
  readonly ignored: string[] = [];
  onlyUse: string[] | undefined;
  autopart: Command | undefined;
  clearpart: Command | undefined;

  read(by: Command): void {
    const given = commandArguments(by.item);
    const words = given.words.map(({ value }) => value);
    const [first = ""] = words;
    const refer = (disks: readonly string[]): void => {
      for (const disk of disks) if (disk !== "") this.references.push({ disk, by });
    };
    switch (by.item.name) {
      case "part":
      case "partition":
        this.readPartition(by, first);
        break;
      case "volgroup":
      case "raid":
      case "btrfs": {
        const name = by.item.name === "raid" ? optionValue(given, "--device") : first;
        this.groups.push({ name: name ?? "", members: words.slice(1), by });
        if (by.item.name !== "volgroup") this.mounts.push({ mount: first, disks: [], by });
        break;
      }
      case "logvol": {
        const sizeMiB = size(optionValue(given, "--size"));
        this.volumes.push({
          mount: first,
          group: optionValue(given, "--vgname") ?? "",
          sizeMiB,
          by,
        });
        break;
      }
      case "mount":
        refer([diskOfPartition(first)]);
        this.mounts.push({ mount: words[1] ?? "", disks: [diskOfPartition(first)], by });
        break;
      case "autopart":
        this.autopart = by;
        break;
      case "clearpart":
        this.clearpart = by;
        refer(listValue(given, "--drives"));
        refer(listValue(given, "--list").map(diskOfPartition));
        break;
      case "ignoredisk":
        refer([...listValue(given, "--drives"), ...listValue(given, "--only-use")]);
        for (const disk of listValue(given, "--drives")) this.ignored.push(disk);
        if (hasOption(given, "--only-use")) this.onlyUse = [...listValue(given, "--only-use")];
        break;
      case "bootloader":
        refer([optionValue(given, "--boot-drive") ?? "", ...listValue(given, "--driveorder")]);
        break;
      default:
        break;
    }
  }

  readPartition(by: Command, mount: string): void {
    const given = commandArguments(by.item);
    const existing = optionValue(given, "--onpart", "--usepart");
    const named = optionValue(given, "--ondisk", "--ondrive");
    const disk = existing === undefined ? named : diskOfPartition(existing);
    if (disk !== undefined) this.references.push({ disk, by });
    this.partitions.push({
      mount,
      disk,
      sizeMiB: existing === undefined ? size(optionValue(given, "--size")) : 0,
      grows: hasOption(given, "--grow"),
      by,
    });
  }
}

/** Reads the disk layout from commands. */
export function readLayout(commands: readonly Command[]): StorageLayout {
  const reader = new LayoutReader();
  for (const command of commands) reader.read(command);
  return reader;
}

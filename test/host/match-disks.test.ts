import assert from "node:assert/strict";
import type { InstanceDisk } from "../../src/host/instance.ts";
import { describeMatch, matchDisks } from "../../src/host/update/match-disks.ts";
import type { WantedDisk } from "../../src/host/update/match-disks.ts";

/** Reads `data.raw data vdb`: id, role and device; a device of - is none, an id that ends in .iso is a disc. */
function parse(line: string): Pick<WantedDisk, "id" | "role" | "target" | "isDisc"> {
  const [id = "", role, target = "-"] = line.split(" ");
  if (role !== "system" && role !== "data" && role !== "scratch") throw new TypeError(line);
  return { id, role, target: target === "-" ? undefined : target, isDisc: id.endsWith(".iso") };
}

function wanted(line: string): WantedDisk {
  const { id, ...rest } = parse(line);
  const [, file = id] = id.split("=");
  return { ...rest, id: id.split("=")[0] ?? "", file };
}

function old(line: string): InstanceDisk {
  const { id, role, target = "", isDisc } = parse(line);
  const format = isDisc ? "iso" : "qcow2";
  return { id, role, kind: "empty", path: `/vm/${id}`, format, target, base: undefined };
}

interface Case {
  readonly what: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly told?: Readonly<Record<string, string>>;
  /** `id: old id, how`; what is not there is refused. */
  readonly matched: readonly string[];
  readonly reasons?: readonly RegExp[];
}

const cases: readonly Case[] = [
  {
    what: "the same ids, whatever else changed",
    before: ["system system vda", "data data vdb"],
    after: ["data data vdx", "system system vdb"],
    matched: ["data: data, id", "system: system, id"],
  },
  {
    what: "another format of a disk that is called after its file",
    before: ["root.raw system vda", "data.raw data vdb"],
    after: ["root.qcow2 system vda", "data.qcow2 data vdb"],
    matched: ["root.qcow2: root.raw, name", "data.qcow2: data.raw, name"],
  },
  {
    what: "another format at another device",
    before: ["root.raw system vda", "data.raw data vdb"],
    after: ["root.qcow2 system sda", "data.qcow2 data sdb"],
    matched: ["root.qcow2: root.raw, name", "data.qcow2: data.raw, name"],
  },
  {
    what: "an id that replaces a file name",
    before: ["root.raw system vda", "data.raw data vdb"],
    after: ["system=root.qcow2 system vda", "files=data.qcow2 data vdc"],
    matched: ["system: root.raw, name", "files: data.raw, name"],
  },
  {
    what: "another name of the same role at the same device",
    before: ["system system vda", "data data vdb", "logs data vdc"],
    after: ["system system vda", "mail data vdb", "logs data vdc"],
    matched: ["system: system, id", "mail: data, device", "logs: logs, id"],
  },
  {
    what: "the only system disk, wherever it is",
    before: ["root.raw system vda", "data data vdb"],
    after: ["web-2.qcow2 system sda", "data data vdb"],
    matched: ["web-2.qcow2: root.raw, role", "data: data, id"],
  },
  {
    what: "the only data disk without a device",
    before: ["system system vda", "data.raw data vdb"],
    after: ["system system vda", "files.qcow2 data -"],
    matched: ["system: system, id", "files.qcow2: data.raw, role"],
  },
  {
    what: "a disk that is added",
    before: ["system system vda", "data data vdb"],
    after: ["system system vda", "data data vdb", "logs data vdc"],
    matched: ["system: system, id", "data: data, id", "logs: none, none"],
  },
  {
    what: "a disk that is dropped",
    before: ["system system vda", "data data vdb", "logs data vdc"],
    after: ["system system vda", "logs data vdc"],
    matched: ["system: system, id", "logs: logs, id"],
  },
  {
    what: "scratch disks that come and go",
    before: ["system system vda", "tmp scratch vdb", "swap scratch vdc"],
    after: ["system system vda", "cache scratch vdd", "logs data vdb"],
    matched: ["system: system, id", "logs: none, none", "cache: none, none"],
  },
  {
    what: "neither a dropped disk nor an added one at another device",
    before: ["system system vda", "data data vdb"],
    after: ["system system vda", "logs data vdc"],
    matched: ["system: system, id"],
    reasons: [
      /^disk logs: it may be vdb \(data disk data\) of the VM, or a new data disk; say which with --disk logs=vdb or --disk logs=none, or give it the id/,
    ],
  },
  {
    what: "none of two candidates",
    before: ["system system vda", "a.raw data vdb", "b.raw data vdc"],
    after: ["system system vda", "x.raw data -", "y.raw data -"],
    matched: ["system: system, id"],
    reasons: [/^disk x.raw: it may be vdb .* or vdc /, /^disk y.raw: it may be vdb .* or vdc /],
  },
  {
    what: "one disk to two claims",
    before: ["system system vda", "data.raw data vdb"],
    after: ["system system vda", "data.qcow2 data vdc", "logs.qcow2 data vdb"],
    matched: ["system: system, id"],
    reasons: [/^disk data.qcow2: it may be vdb/, /^disk logs.qcow2: it may be vdb/],
  },
  {
    what: "a name that says one disk and a device that says another",
    before: ["system system vda", "data.raw data vdb", "logs.raw data vdc"],
    after: ["system system vda", "data.qcow2 data vdc", "logs.qcow2 data vdb"],
    matched: ["system: system, id"],
    reasons: [
      /^disk data.qcow2: it may be vdb .* or vdc/,
      /^disk logs.qcow2: it may be vdc .* or vdb/,
    ],
  },
  {
    what: "two names that differ in their ending alone",
    before: ["system system vda", "data.raw data vdb", "data.qcow2 data vdc"],
    after: ["system system vda", "data=data.vmdk data vdd"],
    matched: ["system: system, id"],
    reasons: [/^disk data: it may be vdb .* or vdc/],
  },
  {
    what: "no disk of another role: of the same id",
    before: ["system system vda", "data data vdb"],
    after: ["system system vda", "data scratch vdb"],
    matched: ["system: system, id", "data: data, id"],
    reasons: [/^disk data: it was data, and is scratch in this version$/],
  },
  {
    what: "no disk of another role: of the same name",
    before: ["system system vda", "data.raw data vdb"],
    after: ["system system vda", "data.qcow2 scratch vdb"],
    matched: ["system: system, id", "data.qcow2: data.raw, name"],
    reasons: [/^disk data.raw: it was data, and is scratch in this version$/],
  },
  {
    what: "no disk of another role: at the same device",
    before: ["system system vda", "data.raw data vdb"],
    after: ["system system vda", "cache scratch vdb"],
    matched: ["system: system, id"],
    reasons: [
      /^disk cache: it may be vdb \(data disk data.raw\) of the VM.* with --disk cache=none, or/,
    ],
  },
  {
    what: "no roles that an older descriptor had swapped",
    before: ["data.qcow2 system vda", "root.qcow2 data vdb"],
    after: ["system=root.qcow2 system vdb", "data=data.qcow2 data vda"],
    matched: ["system: root.qcow2, name", "data: data.qcow2, name"],
    reasons: [
      /^disk root.qcow2: it was data, and is system/,
      /^disk data.qcow2: it was system, and is data/,
    ],
  },
  {
    what: "no hard disk in the place of a disc",
    before: ["live.iso system sda"],
    after: ["live=live.raw system vda"],
    matched: ["live: none, none"],
  },
  {
    what: "what the administrator told",
    before: ["system system vda", "a.raw data vdb", "b.raw data vdc"],
    after: ["system system vda", "x data -", "y data -", "z data -"],
    told: { x: "vdc", y: "vdb", z: "none" },
    matched: ["system: system, id", "x: b.raw, told", "y: a.raw, told", "z: none, told"],
  },
  {
    what: "not what the administrator told wrongly",
    before: ["system system vda", "data data vdb", "logs data vdc"],
    after: ["system system vda", "data data vdb", "x data -", "y scratch -"],
    told: { data: "none", x: "vdb", y: "vdc", nope: "vdb" },
    matched: ["system: system, id", "data: data, id", "y: logs, told"],
    reasons: [
      /^--disk data=none: vdb of the VM is the disk of this id$/,
      /^--disk x=vdb: the VM has no disk vdb that is not matched yet, it has: vdc$/,
      /^disk logs: it was data, and is scratch in this version$/,
      /^--disk nope=vdb: this version has no disk nope$/,
    ],
  },
];

describe("the disks of a version in a VM", () => {
  for (const { what, before, after, told, matched, reasons = [] } of cases)
    it(`are ${what}`, () => {
      const found = matchDisks(after.map(wanted), before.map(old), told);
      const said = [...found.matches.values()].map(
        (match) => `${match.id}: ${match.old?.id ?? "none"}, ${match.by}`,
      );
      assert.deepEqual(said.toSorted(), matched.toSorted());
      assert.equal(found.reasons.length, reasons.length, found.reasons.join("\n"));
      for (const [index, reason] of reasons.entries())
        assert.match(found.reasons[index] ?? "", reason);
    });

  it("are never one disk twice", () => {
    for (const { before, after, told } of cases) {
      const { matches } = matchDisks(after.map(wanted), before.map(old), told);
      const used = [...matches.values()].flatMap((match) => match.old ?? []);
      assert.equal(new Set(used).size, used.length);
    }
  });

  it("are told in words", () => {
    const { matches } = matchDisks([wanted("data.qcow2 data vdb")], [old("data.raw data vdb")]);
    const [match] = matches.values();
    assert.equal(
      match && describeMatch(match),
      "it is the VM's disk data.raw at vdb, of the same name but for its ending",
    );
  });
});

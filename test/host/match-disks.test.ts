import assert from "node:assert/strict";
import type { InstanceDisk } from "../../src/host/instance/instance.ts";
import { describeMatch, matchDisks, type WantedDisk } from "../../src/host/update/match-disks.ts";

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

/** The system disk, which is the same before and after, in front of what a case is about. */
function besideSystem(one: Case): Case {
  const line = "system system vda";
  return {
    ...one,
    before: [line, ...one.before],
    after: [line, ...one.after],
    matched: ["system: system, id", ...one.matched],
  };
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
  besideSystem({
    what: "another name of the same role at the same device",
    before: ["data data vdb", "logs data vdc"],
    after: ["mail data vdb", "logs data vdc"],
    matched: ["mail: data, device", "logs: logs, id"],
  }),
  {
    what: "the only system disk, wherever it is",
    before: ["root.raw system vda", "data data vdb"],
    after: ["web-2.qcow2 system sda", "data data vdb"],
    matched: ["web-2.qcow2: root.raw, role", "data: data, id"],
  },
  besideSystem({
    what: "the only data disk without a device",
    before: ["data.raw data vdb"],
    after: ["files.qcow2 data -"],
    matched: ["files.qcow2: data.raw, role"],
  }),
  besideSystem({
    what: "a disk that is added",
    before: ["data data vdb"],
    after: ["data data vdb", "logs data vdc"],
    matched: ["data: data, id", "logs: none, none"],
  }),
  besideSystem({
    what: "a disk that is dropped",
    before: ["data data vdb", "logs data vdc"],
    after: ["logs data vdc"],
    matched: ["logs: logs, id"],
  }),
  besideSystem({
    what: "scratch disks that come and go",
    before: ["tmp scratch vdb", "swap scratch vdc"],
    after: ["cache scratch vdd", "logs data vdb"],
    matched: ["logs: none, none", "cache: none, none"],
  }),
  besideSystem({
    what: "neither a dropped disk nor an added one at another device",
    before: ["data data vdb"],
    after: ["logs data vdc"],
    matched: [],
    reasons: [
      /^disk logs: may be vdb \(data disk data\) of the VM, or a new data disk; choose with --disk logs=vdb or --disk logs=none, or give it the id/,
    ],
  }),
  besideSystem({
    what: "none of two candidates",
    before: ["a.raw data vdb", "b.raw data vdc"],
    after: ["x.raw data -", "y.raw data -"],
    matched: [],
    reasons: [/^disk x.raw: may be vdb .* or vdc /, /^disk y.raw: may be vdb .* or vdc /],
  }),
  besideSystem({
    what: "one disk to two claims",
    before: ["data.raw data vdb"],
    after: ["data.qcow2 data vdc", "logs.qcow2 data vdb"],
    matched: [],
    reasons: [/^disk data.qcow2: may be vdb/, /^disk logs.qcow2: may be vdb/],
  }),
  besideSystem({
    what: "a name that says one disk and a device that says another",
    before: ["data.raw data vdb", "logs.raw data vdc"],
    after: ["data.qcow2 data vdc", "logs.qcow2 data vdb"],
    matched: [],
    reasons: [/^disk data.qcow2: may be vdb .* or vdc/, /^disk logs.qcow2: may be vdc .* or vdb/],
  }),
  besideSystem({
    what: "two names that differ in their ending alone",
    before: ["data.raw data vdb", "data.qcow2 data vdc"],
    after: ["data=data.vmdk data vdd"],
    matched: [],
    reasons: [/^disk data: may be vdb .* or vdc/],
  }),
  besideSystem({
    what: "no disk of another role: of the same id",
    before: ["data data vdb"],
    after: ["data scratch vdb"],
    matched: ["data: data, id"],
    reasons: [/^disk data: has role scratch in this version, had role data$/],
  }),
  besideSystem({
    what: "no disk of another role: of the same name",
    before: ["data.raw data vdb"],
    after: ["data.qcow2 scratch vdb"],
    matched: ["data.qcow2: data.raw, name"],
    reasons: [/^disk data.raw: has role scratch in this version, had role data$/],
  }),
  besideSystem({
    what: "no disk of another role: at the same device",
    before: ["data.raw data vdb"],
    after: ["cache scratch vdb"],
    matched: [],
    reasons: [
      /^disk cache: may be vdb \(data disk data.raw\) of the VM.* with --disk cache=none, or/,
    ],
  }),
  {
    what: "no roles that an older descriptor had swapped",
    before: ["data.qcow2 system vda", "root.qcow2 data vdb"],
    after: ["system=root.qcow2 system vdb", "data=data.qcow2 data vda"],
    matched: ["system: root.qcow2, name", "data: data.qcow2, name"],
    reasons: [
      /^disk root.qcow2: has role system in this version, had role data/,
      /^disk data.qcow2: has role data in this version, had role system/,
    ],
  },
  {
    what: "no hard disk in the place of a disc",
    before: ["live.iso system sda"],
    after: ["live=live.raw system vda"],
    matched: ["live: none, none"],
  },
  besideSystem({
    what: "what the administrator told",
    before: ["a.raw data vdb", "b.raw data vdc"],
    after: ["x data -", "y data -", "z data -"],
    told: { x: "vdc", y: "vdb", z: "none" },
    matched: ["x: b.raw, told", "y: a.raw, told", "z: none, told"],
  }),
  besideSystem({
    what: "not what the administrator told wrongly",
    before: ["data data vdb", "logs data vdc"],
    after: ["data data vdb", "x data -", "y scratch -"],
    told: { data: "none", x: "vdb", y: "vdc", nope: "vdb" },
    matched: ["data: data, id", "y: logs, told"],
    reasons: [
      /^--disk data=none: vdb of the VM has this id$/,
      /^--disk x=vdb: the VM has no unmatched disk vdb, it has: vdc$/,
      /^disk logs: has role scratch in this version, had role data$/,
      /^--disk nope=vdb: this version has no disk nope$/,
    ],
  }),
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

  it("matches are described in words", () => {
    const { matches } = matchDisks([wanted("data.qcow2 data vdb")], [old("data.raw data vdb")]);
    const [match] = matches.values();
    assert.equal(
      match && describeMatch(match),
      "it is the VM's disk data.raw at vdb, with the same name except for the extension",
    );
  });
});

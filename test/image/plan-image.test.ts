import assert from "node:assert/strict";
import type { DiskFormat } from "../../src/appliance/index.ts";
import { type ImageFacts, planImage, type Qcow2Facts } from "../../src/image/index.ts";

const clean: Qcow2Facts = {
  compression: "zstd",
  clusterSizeBytes: 65536,
  allocatedClusters: 100,
  compressedClusters: 90,
  leakedClusters: 0,
  carriesState: false,
};

function facts(format: DiskFormat, qcow2?: Partial<Qcow2Facts>): ImageFacts {
  return {
    format,
    content: undefined,
    virtualSizeBytes: 1024,
    fileSizeBytes: 1024,
    allocatedBytes: 1024,
    warnings: [],
    ...(qcow2 === undefined ? {} : { qcow2: { ...clean, ...qcow2 } }),
  };
}

const zstd = { compression: "zstd", keepRaw: false } as const;
const zlib = { compression: "zlib", keepRaw: false } as const;
const keepRaw = { compression: "zstd", keepRaw: true } as const;

const cases = [
  { what: "raw", facts: facts("raw"), request: zstd, action: "convert" },
  { what: "raw, kept raw", facts: facts("raw"), request: keepRaw, action: "compress-raw" },
  { what: "iso", facts: facts("iso"), request: keepRaw, action: "keep" },
  { what: "vmdk", facts: facts("vmdk"), request: keepRaw, action: "convert" },
  { what: "clean zstd qcow2", facts: facts("qcow2", {}), request: zstd, action: "keep" },
  {
    what: "clean zlib qcow2",
    facts: facts("qcow2", { compression: "zlib" }),
    request: zstd,
    action: "keep",
  },
  { what: "zstd qcow2 for old hosts", facts: facts("qcow2", {}), request: zlib, action: "convert" },
  {
    what: "plain qcow2",
    facts: facts("qcow2", { compressedClusters: 0 }),
    request: zstd,
    action: "convert",
  },
  {
    what: "qcow2 with leaks",
    facts: facts("qcow2", { leakedClusters: 1 }),
    request: zstd,
    action: "convert",
  },
  {
    what: "qcow2 with snapshots",
    facts: facts("qcow2", { carriesState: true }),
    request: zstd,
    action: "convert",
  },
];

describe("planning an image", () => {
  for (const { what, facts, request, action } of cases) {
    it(`${what}: ${action}`, () => {
      const plan = planImage(facts, request);
      assert.equal(plan.action, action);
      if (plan.action === "convert") assert.equal(plan.compression, request.compression);
    });
  }
});

import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { PackagePlan, PlannedEntry } from "../../src/package/index.ts";
import { buildRpm, type BuiltRpm } from "../../src/rpm/index.ts";
import type { Context } from "../../src/lib/context.ts";
import { testContext } from "./context.ts";

/** Noon of a day in UTC, the only time of day that a spec's changelog can express. */
export const BUILD_TIME_SECONDS = 1700049600;

const owned = {
  user: "root",
  group: "root",
  mtimeSeconds: BUILD_TIME_SECONDS - 86400,
} as const;

type Overrides = Partial<Omit<PlannedEntry, "kind" | "path" | "source" | "target">>;

/** A file with the given text, mode 0644. */
export function textFile(at: string, text: string, overrides: Overrides = {}): PlannedEntry {
  const source = { kind: "text", text } as const;
  return { ...owned, kind: "file", path: at, mode: 0o644, source, ...overrides };
}

/** A file that the writer completes, mode 0644. */
export function templateFile(at: string, text: string): PlannedEntry {
  return { ...owned, kind: "file", path: at, mode: 0o644, source: { kind: "template", text } };
}

/** A file from the staging folder, mode 0444. */
export function stagedFile(at: string, staged: string, overrides: Overrides = {}): PlannedEntry {
  const source = { kind: "staged", path: staged } as const;
  return { ...owned, kind: "file", path: at, mode: 0o444, source, ...overrides };
}

/** A directory, mode 0755. */
export function directory(at: string, overrides: Overrides = {}): PlannedEntry {
  return { ...owned, kind: "directory", path: at, mode: 0o755, ...overrides };
}

/** A symbolic link. */
export function symlink(at: string, target: string): PlannedEntry {
  return { ...owned, kind: "symlink", path: at, mode: 0o777, target };
}

/** A ghost, mode 0600. */
export function ghost(at: string, overrides: Overrides = {}): PlannedEntry {
  return { ...owned, kind: "ghost", path: at, mode: 0o600, ...overrides };
}

/** A small plan without files; a test names what it is about. */
export function packagePlan(overrides: Partial<PackagePlan> = {}): PackagePlan {
  return {
    name: "example-appliance",
    version: "1.0",
    release: "1",
    arch: "noarch",
    summary: "Example appliance",
    description: "An appliance for tests.",
    license: "Apache-2.0",
    group: "Unspecified",
    buildTimeSeconds: BUILD_TIME_SECONDS,
    buildHost: "builder.example.com",
    provides: [],
    requires: [],
    conflicts: [],
    obsoletes: [],
    recommends: [],
    suggests: [],
    supplements: [],
    enhances: [],
    entries: [],
    scriptlets: {},
    fileTriggers: [],
    changelog: [],
    payload: { compressor: "none" },
    ...overrides,
  };
}

/** Writes the given files into FOLDER/staging and builds the plan into FOLDER/out. */
export async function buildInto(
  folder: string,
  plan: PackagePlan,
  options: {
    readonly staged?: Readonly<Record<string, string | Uint8Array>>;
    readonly context?: Partial<Context>;
  } = {},
): Promise<BuiltRpm> {
  const stagingFolder = path.join(folder, "staging");
  const outputFolder = path.join(folder, "out");
  await mkdir(outputFolder, { recursive: true });
  await mkdir(stagingFolder, { recursive: true });
  for (const [name, content] of Object.entries(options.staged ?? {})) {
    await mkdir(path.dirname(path.join(stagingFolder, name)), { recursive: true });
    await writeFile(path.join(stagingFolder, name), content);
  }
  return buildRpm(plan, { stagingFolder, outputFolder }, testContext(options.context));
}

// Run by test/security/durability.test.ts under strace: does each operation in a folder with its name.
// usage: durable-operations-child.ts FOLDER RPM
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { installSteps } from "../../src/host/steps/install-steps.ts";
import type { HostAccess } from "../../src/host/access/host-access.ts";
import { createEmpty, createOverlay, copyDisk, growDisk } from "../../src/image/index.ts";
import { moveInto, writeFileAtomically } from "../../src/lib/atomic.ts";
import { openEffects } from "../../src/lib/journal/effects.ts";
import type { StepKinds } from "../../src/lib/journal/journal.ts";
import { openDirectoryStore } from "../../src/publish/index.ts";
import { replaceSignatures, rewriteSignatures } from "../../src/rpm/index.ts";
import { generateKey } from "../../src/sign/index.ts";
import { testContext } from "./context.ts";

const [root = "", rpm = ""] = process.argv.slice(2);
const context = testContext();
const effects = openEffects(context.run);

const operations: Readonly<Record<string, (folder: string) => Promise<unknown>>> = {
  writeFileAtomically: (folder) => writeFileAtomically(path.join(folder, "target"), "text"),
  moveInto: async (folder) => {
    await writeFile(path.join(folder, "file"), "");
    await moveInto(path.join(folder, "file"), path.join(folder, "target"));
  },
  "effects.writeFile": (folder) => effects.writeFile(path.join(folder, "target"), "text"),
  "effects.makeFolder": (folder) => effects.makeFolder(path.join(folder, "target")),
  "effects.rename": async (folder) => {
    await writeFile(path.join(folder, "file"), "");
    await effects.rename(path.join(folder, "file"), path.join(folder, "target"));
  },
  "effects.link": async (folder) => {
    await writeFile(path.join(folder, "file"), "");
    await effects.link(path.join(folder, "file"), path.join(folder, "target"));
  },
  "effects.remove": async (folder) => {
    await writeFile(path.join(folder, "target"), "");
    await effects.remove(path.join(folder, "target"));
  },
  placeFile: async (folder) => {
    const from = path.join(folder, "file");
    await writeFile(from, "content");
    const step = { kind: "place-file", from, path: path.join(folder, "target"), mode: 0o444 };
    const notes = { operation: "operation", made: undefined, remember: async () => {} };
    // All of the host that this step touches.
    const access = { effects, context } as HostAccess;
    const kinds: StepKinds<HostAccess> = installSteps;
    await kinds["place-file"]?.apply(step, access, notes);
  },
  generateKey: (folder) =>
    generateKey({ name: "target", userId: "A <a@b>", folder, createdAt: context.now() }),
  replaceSignatures: async (folder) => {
    await copyFile(rpm, path.join(folder, "target"));
    await replaceSignatures(path.join(folder, "target"), []);
  },
  rewriteSignatures: async (folder) => {
    await copyFile(rpm, path.join(folder, "target"));
    await rewriteSignatures(path.join(folder, "target"), [], context);
  },
  createEmpty: (folder) =>
    createEmpty({ path: path.join(folder, "target"), format: "qcow2", sizeBytes: 65536 }, context),
  createOverlay: async (folder) => {
    const base = path.join(folder, "base");
    await createEmpty({ path: base, format: "raw", sizeBytes: 65536 }, context);
    await createOverlay({ path: path.join(folder, "target"), base, baseFormat: "raw" }, context);
  },
  copyDisk: async (folder) => {
    await writeFile(path.join(folder, "file"), "content");
    await copyDisk({ from: path.join(folder, "file"), to: path.join(folder, "target") }, context);
  },
  growDisk: async (folder) => {
    const disk = { path: path.join(folder, "target"), format: "raw" } as const;
    await writeFile(disk.path, Buffer.alloc(512));
    await growDisk({ ...disk, sizeBytes: 65536 }, context);
  },
  "store.put": async (folder) => {
    const store = openDirectoryStore(folder);
    await store.put("target", Buffer.from("text"));
    await store.flush();
  },
  "store.switch": (folder) => openDirectoryStore(folder).switch("target", Buffer.from("text")),
  "store.stage": async (folder) => {
    await writeFile(path.join(folder, "file"), "content");
    const store = openDirectoryStore(folder);
    const staged = await store.stage(path.join(folder, "file"), {});
    await store.link(staged.path, "target");
    await store.flush();
  },
};

for (const [name, operation] of Object.entries(operations)) {
  const folder = path.join(root, name);
  await mkdir(folder);
  await operation(folder);
}

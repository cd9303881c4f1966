import assert from "node:assert/strict";
import { readFile, realpath } from "node:fs/promises";
import path from "node:path";
import { bundledChild } from "../support/bundled-child.ts";
import { testContext } from "../support/context.ts";
import { openSmallRpms, type SmallRpms } from "../fixtures/small-rpm.ts";

const script = path.join(import.meta.dirname, "../support/durable-operations-child.ts");

/**
 * What the kernel must be asked for, in this order, so that a power cut leaves the old or the new: `sync data` is an fsync
 * of the file under its last or its temporary name, `sync folder` one of the folder that holds it; `mode` sets its mode.
 */
const promises: Readonly<Record<string, readonly string[]>> = {
  writeFileAtomically: ["mode", "sync data", "name", "sync folder"],
  moveInto: ["name", "sync folder"],
  "effects.writeFile": ["mode", "sync data", "name", "sync folder"],
  "effects.makeFolder": ["name", "sync folder"],
  "effects.rename": ["name", "sync folder"],
  "effects.link": ["name", "sync folder"],
  "effects.remove": ["remove", "sync folder"],
  placeFile: ["sync data", "name", "sync folder"],
  generateKey: ["sync data", "name", "sync folder"],
  replaceSignatures: ["sync data"],
  rewriteSignatures: ["mode", "sync data", "name", "sync folder"],
  createEmpty: ["sync data"],
  createOverlay: ["sync data"],
  copyDisk: ["sync data"],
  growDisk: ["sync data"],
  // No message names them before flush returns.
  "store.put": ["sync data", "sync folder"],
  "store.switch": ["sync data", "name", "sync folder"],
  "store.stage": ["sync data", "sync folder"],
};

/** Turns a line of strace into what it means for the file `target` of a folder; undefined for all else. */
function meaningOf(line: string, folder: string): string | undefined {
  const [, call = "", args = ""] = /^\d+\s+(\w+)\((.*)$/.exec(line) ?? [];
  if (["fchmod", "fsync", "fdatasync"].includes(call)) {
    const file = /^\d+<([^>]*)>/.exec(args)?.[1] ?? "";
    if (call === "fchmod") return file.startsWith(`${folder}/`) ? "mode" : undefined;
    if (file === folder) return "sync folder";
    return file.startsWith(`${folder}/`) ? "sync data" : undefined;
  }
  const names = [...args.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? "");
  const last = names.at(-1);
  // The secret half of a key is named before the public one.
  const isTarget = ["target", "RPM-GPG-KEY-target"].includes(path.relative(folder, last ?? ""));
  if (!isTarget) return undefined;
  return /^(?:rename|link|mkdir)/.test(call) ? "name" : "remove";
}

describe("what must survive a loss of power", () => {
  let rpms: SmallRpms;
  let trace: readonly string[];
  let root: string;

  before(async () => {
    rpms = await openSmallRpms();
    const rpm = await rpms.make("one");
    root = await realpath(rpms.folder);
    const file = path.join(root, "trace");
    const calls = [
      "fchmod,fsync,fdatasync,rename,renameat,renameat2,link,linkat",
      "unlink,unlinkat,rmdir,mkdir,mkdirat",
    ].join();
    const strace = ["-f", "-y", "-qq", "-s", "4096", "-e", `trace=${calls}`, "-o", file];
    const child = [process.execPath, await bundledChild(script), root, rpm];
    await testContext().run("strace", [...strace, ...child], {
      cwd: path.join(import.meta.dirname, "../.."),
    });
    trace = (await readFile(file, "utf8")).split("\n");
  });
  after(() => rpms[Symbol.asyncDispose]());

  for (const [name, expected] of Object.entries(promises)) {
    it(`is on the disk when it returns: ${name}`, () => {
      const folder = path.join(root, name);
      const found = trace.flatMap((line) => meaningOf(line, folder) ?? []);
      let from = 0;
      for (const step of expected) {
        const at = found.indexOf(step, from);
        assert.notEqual(at, -1, `expected ${expected.join(", ")}, found ${found.join(", ")}`);
        from = at + 1;
      }
      // Nothing is named before its content is there.
      if (expected.includes("name") && expected.includes("sync data"))
        assert.ok(found.indexOf("sync data") < found.indexOf("name"), found.join(", "));
    });
  }
});

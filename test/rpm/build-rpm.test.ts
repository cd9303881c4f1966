import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  appendFile,
  mkdir,
  readFile,
  readdir,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { ApplianceError, type ErrorCode } from "../../src/errors.ts";
import type { PackagePlan } from "../../src/package/index.ts";
import { readRpm } from "../../src/rpm/index.ts";
import { measureStaged, openStaged } from "../../src/rpm/native/staged-file.ts";
import { testContext } from "../support/context.ts";
import { assertGolden } from "../support/golden.ts";
import {
  BUILD_TIME_SECONDS,
  buildInto,
  directory,
  packagePlan,
  stagedFile,
  symlink as link,
  templateFile,
  textFile,
} from "../fixtures/package-plan.ts";
import { temporaryFolder } from "../support/temporary.ts";

const sha256 = (bytes: string | Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

function refusal(code: ErrorCode): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ApplianceError, String(error));
    assert.equal(error.code, code);
    return true;
  };
}

/** A hex dump as `xxd` prints it, long runs of zeros left out. */
function hexDump(bytes: Buffer): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const isZero = row.every((byte) => byte === 0);
    if (isZero && lines.at(-1) === "*") continue;
    const text = row.toString("latin1").replace(/[^\x20-\x7e]/g, ".");
    const hex = row
      .toString("hex")
      .replace(/(....)/g, "$1 ")
      .trimEnd();
    lines.push(isZero ? "*" : `${at.toString(16).padStart(8, "0")}: ${hex.padEnd(39)}  ${text}`);
  }
  return `${lines.join("\n")}\n`;
}

describe("buildRpm", () => {
  const folder = temporaryFolder({ per: "test" });
  const remains = (): Promise<string[]> => readdir(path.join(folder, "out"));

  it("writes a minimal package byte for byte as before", async () => {
    const plan = packagePlan({ entries: [textFile("/opt/hello", "hello\n")] });
    const { path: file } = await buildInto(folder, plan);
    await assertGolden("rpm/minimal.hex", hexDump(await readFile(file)));
  });

  it("returns the path, name and size of the package", async () => {
    const built = await buildInto(folder, packagePlan({ epoch: 1, version: "1.0~rc1" }));
    const name = "example-appliance-1.0~rc1-1.noarch.rpm";
    assert.deepEqual(built, {
      path: path.join(folder, "out", name),
      name,
      sizeBytes: (await readFile(built.path)).length,
    });
    assert.deepEqual(await remains(), [name]);
  });

  const compressions: readonly PackagePlan["payload"][] = [
    { compressor: "none" },
    { compressor: "gzip", level: 6 },
    { compressor: "zstd", level: 3 },
  ];
  for (const payload of compressions) {
    it(`gives the same bytes for the same plan and files: ${payload.compressor}`, async () => {
      const staged = { disk: Buffer.alloc(3_000_000, "some disk") };
      const plan = packagePlan({ payload, entries: [stagedFile("/opt/disk", "disk")] });
      const first = await buildInto(path.join(folder, "a"), plan, { staged });
      await utimes(path.join(folder, "a"), 1, 1);
      const second = await buildInto(path.join(folder, "b"), plan, { staged });
      assert.ok((await readFile(first.path)).equals(await readFile(second.path)));
    });
  }

  it("digests header, payload and every file", async () => {
    const disk = Buffer.alloc(600_001, "0123456789");
    const plan = packagePlan({
      payload: { compressor: "gzip", level: 1 },
      entries: [
        directory("/opt/x"),
        stagedFile("/opt/x/disk", "sub/disk"),
        stagedFile("/opt/x/empty", "empty"),
        link("/opt/x/link", "disk"),
        textFile("/opt/x/text", "text\n"),
      ],
    });
    const built = await buildInto(folder, plan, { staged: { "sub/disk": disk, empty: "" } });
    const rpm = await readRpm(built.path);
    const payload = (await readFile(built.path)).subarray(rpm.headerEnd);
    assert.equal(rpm.signature.string("SHA256"), sha256(rpm.header.raw));
    assert.deepEqual(rpm.header.strings("PAYLOADSHA256"), [sha256(payload)]);
    assert.deepEqual(rpm.header.strings("PAYLOADSHA256ALT"), [sha256(gunzipSync(payload))]);
    assert.deepEqual(rpm.header.strings("FILEDIGESTS"), [
      "",
      sha256(disk),
      sha256(""),
      "",
      sha256("text\n"),
    ]);
    assert.deepEqual(rpm.header.integers("FILESIZES"), [0, 600_001, 0, 4, 5]);
    assert.deepEqual(rpm.signature.integers("PAYLOADSIZE"), [gunzipSync(payload).length]);
    assert.deepEqual(rpm.signature.integers("SIZE"), [rpm.header.raw.length + payload.length]);
  });

  it("fills templates with digests and sizes of staged files, and leaves texts alone", async () => {
    const quote = "@SHA256(/opt/z)@ @BYTES(/opt/z)@ @OTHER(/opt/z)@\n";
    const plan = packagePlan({
      entries: [
        templateFile("/opt/a", quote),
        textFile("/opt/b", quote),
        stagedFile("/opt/z", "z"),
      ],
    });
    const built = await buildInto(folder, plan, { staged: { z: "zzz" } });
    const filled = `${sha256("zzz")} 3 @OTHER(/opt/z)@\n`;
    const { header } = await readRpm(built.path);
    assert.deepEqual(header.strings("FILEDIGESTS"), [sha256(filled), sha256(quote), sha256("zzz")]);
    assert.deepEqual(header.integers("FILESIZES"), [filled.length, quote.length, 3]);
    const bytes = await readFile(built.path, "latin1");
    assert.ok(bytes.indexOf(filled) > bytes.indexOf("zzz"), "templates come last");
  });

  it("packages what a link in the staging folder points to", async () => {
    await mkdir(path.join(folder, "staging"), { recursive: true });
    await writeFile(path.join(folder, "elsewhere"), "content");
    await symlink(path.join(folder, "elsewhere"), path.join(folder, "staging", "disk"));
    const built = await buildInto(folder, packagePlan({ entries: [stagedFile("/opt/d", "disk")] }));
    assert.deepEqual((await readRpm(built.path)).header.strings("FILEDIGESTS"), [
      sha256("content"),
    ]);
  });

  it("replaces a package of the same name only when the new one is complete", async () => {
    const plan = packagePlan({ entries: [stagedFile("/opt/d", "disk")] });
    const built = await buildInto(folder, plan, { staged: { disk: "old" } });
    const old = await readFile(built.path);
    await rm(path.join(folder, "staging", "disk"));
    await assert.rejects(buildInto(folder, plan), refusal("LIB_IO"));
    assert.ok((await readFile(built.path)).equals(old));
    assert.deepEqual(await remains(), [built.name]);
  });

  it("reports the bytes read as progress, and its end", async () => {
    const events: (string | number | undefined)[] = [];
    const progress = {
      start: (label: string, total?: number) => {
        events.push(label, total);
        return { advance: (n: number) => events.push(n), done: () => events.push("done") };
      },
    };
    const plan = packagePlan({ entries: [stagedFile("/opt/d", "disk"), textFile("/opt/t", "t")] });
    await buildInto(folder, plan, {
      staged: { disk: Buffer.alloc(300_000) },
      context: { progress },
    });
    assert.deepEqual(
      [events[0], events[1], events.at(-1)],
      ["packaging example-appliance", 300_000, "done"],
    );
    const advanced = events.slice(2, -1).reduce<number>((sum, n) => sum + Number(n), 0);
    assert.equal(advanced, 300_000);
  });

  for (const payload of compressions) {
    it(`leaves nothing when it is interrupted: ${payload.compressor}`, async () => {
      const controller = new AbortController();
      const progress = {
        start: () => ({ advance: () => controller.abort(), done: () => {} }),
      };
      const plan = packagePlan({ payload, entries: [stagedFile("/opt/d", "disk")] });
      await assert.rejects(
        buildInto(folder, plan, {
          staged: { disk: Buffer.alloc(2_000_000) },
          context: testContext({ signal: controller.signal, progress }),
        }),
        refusal("LIB_INTERRUPTED"),
      );
      assert.deepEqual(await remains(), []);
    });

    for (const [what, change] of [
      ["whose time changes", (disk: string) => utimes(disk, 1, 1)],
      ["that grows", (disk: string) => appendFile(disk, "more")],
    ] as const)
      it(`refuses a file ${what} while it is read: ${payload.compressor}`, async () => {
        const disk = path.join(folder, "staging", "disk");
        const changed: { now: Promise<void> | undefined } = { now: undefined };
        const progress = {
          start: () => ({ advance: () => (changed.now ??= change(disk)), done: () => {} }),
        };
        const plan = packagePlan({ payload, entries: [stagedFile("/opt/d", "disk")] });
        await assert.rejects(
          buildInto(folder, plan, {
            staged: { disk: Buffer.alloc(8_000_000) },
            context: { progress },
          }),
          refusal("RPM_INPUT_CHANGED"),
        );
        await changed.now;
        assert.deepEqual(await remains(), []);
      });
  }

  it("refuses a file that another one of the same size and time replaced before it is read", async () => {
    const staging = path.join(folder, "staging");
    await mkdir(staging);
    await writeFile(path.join(staging, "disk"), "measured");
    const plan = packagePlan({ entries: [stagedFile("/opt/d", "disk")] });
    const measured = (await measureStaged(plan, staging)).get("/opt/d");
    assert.ok(measured !== undefined);
    await (await openStaged(measured)).close();
    const { run } = testContext();
    await run("cp", ["-p", "disk", "other"], { cwd: staging });
    await run("mv", ["other", "disk"], { cwd: staging });
    await assert.rejects(openStaged(measured), refusal("RPM_INPUT_CHANGED"));
  });

  it("refuses a file that grows before its turn comes, though its time is as before", async () => {
    const staging = path.join(folder, "staging");
    const second = path.join(staging, "2");
    await mkdir(staging);
    await writeFile(path.join(staging, "1"), Buffer.alloc(1_000_000));
    await writeFile(second, "disk");
    await utimes(second, 1, 1);
    const grow = async (): Promise<void> => {
      await appendFile(second, "more");
      await utimes(second, 1, 1);
    };
    let grown: Promise<void> | undefined;
    const progress = {
      start: () => ({ advance: () => (grown ??= grow()), done: () => {} }),
    };
    const plan = packagePlan({ entries: [stagedFile("/opt/1", "1"), stagedFile("/opt/2", "2")] });
    const building = buildInto(folder, plan, { context: { progress } });
    await assert.rejects(building, refusal("RPM_INPUT_CHANGED"));
    await grown;
    assert.deepEqual(await remains(), []);
  });

  it("refuses a staged folder, a missing one, and a path that leaves the staging folder", async () => {
    const build = (staged: string): Promise<unknown> =>
      buildInto(folder, packagePlan({ entries: [stagedFile("/opt/d", staged)] }), {
        staged: { "sub/x": "" },
      });
    await assert.rejects(build("sub"), refusal("LIB_IO"));
    await assert.rejects(build("none"), refusal("LIB_IO"));
    await assert.rejects(build("../x"), refusal("RPM_BAD_PLAN"));
  });

  it("lists every problem of a plan at once, before anything is read", async () => {
    const plan = packagePlan({
      version: "1-0",
      entries: [
        stagedFile("/opt/b", "missing"),
        textFile("/opt/a", "", { mtimeSeconds: BUILD_TIME_SECONDS + 1 }),
      ],
    });
    await assert.rejects(buildInto(folder, plan), (error) => {
      assert.ok(refusal("RPM_BAD_PLAN")(error) && error instanceof ApplianceError);
      assert.match(error.message, /3 problems/);
      assert.equal(error.details.length, 3);
      return true;
    });
  });
});

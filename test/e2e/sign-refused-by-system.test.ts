import assert from "node:assert/strict";
import { copyFile, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { signRpm } from "../../src/sign/index.ts";
import { runTool } from "../fixtures/appliance-folder.ts";
import { buildInto, packagePlan, stagedFile } from "../fixtures/package-plan.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { edit, withoutReservedSpace } from "../fixtures/unsigned-package.ts";
import { testContext } from "../support/context.ts";
import { withSmallDisk } from "../support/temporary.ts";

const MIB = 1024 * 1024;

/** Runs a test with a package of 5 MiB on a file system of 8 MiB; needs root. */
function withPackageOnSmallDisk(
  test: (file: string, mounted: string) => Promise<void>,
): () => Promise<void> {
  return withSmallDisk(async (small, folder) => {
    const plan = packagePlan({ entries: [stagedFile("/opt/disk", "disk")] });
    const staged = { disk: Buffer.alloc(5 * MIB, 1) };
    const built = await buildInto(folder, plan, { staged });
    await copyFile(built.path, path.join(small, "web.rpm"));
    await test(path.join(small, "web.rpm"), small);
  });
}

async function leavesAlone(file: string, code: string, message: RegExp): Promise<void> {
  const before = await readFile(file);
  const { signer } = await testKey();
  await assert.rejects(signRpm(file, signer, testContext()), { code, message });
  assert.ok((await readFile(file)).equals(before));
  assert.deepEqual(await readdir(path.dirname(file)), [path.basename(file)]);
}

describe("a package is left alone, and nothing beside it, when it cannot be signed", () => {
  it(
    "because the disk is too full to rewrite it",
    withPackageOnSmallDisk(async (file) => {
      await edit(file, withoutReservedSpace);
      await leavesAlone(file, "LIB_NO_SPACE", /web\.rpm: no space left on the device$/);
    }),
  );

  it(
    "because its file system is read-only",
    withPackageOnSmallDisk(async (file, mounted) => {
      await runTool("mount", "-o", "remount,ro", mounted);
      await leavesAlone(file, "LIB_IO", /web\.rpm: .*read-only/);
    }),
  );

  it(
    "but a full disk does not prevent signing in place",
    withPackageOnSmallDisk(async (file) => {
      const { signer } = await testKey();
      await runTool("sh", "-c", `dd if=/dev/zero of=${path.dirname(file)}/full bs=64k || true`);
      assert.equal((await signRpm(file, signer, testContext())).rewritten, false);
    }),
  );
});

import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { ApplianceError } from "../../src/errors.ts";
import {
  inspectSource,
  openSource,
  type SourceLimits,
  unpackSource,
} from "../../src/source/index.ts";
import { testContext } from "../support/context.ts";
import {
  descriptorMember,
  diskMember,
  type Hostile,
  hostileArchives,
  OUTSIDE,
} from "../fixtures/hostile-archives.ts";
import { type RawMember, tarBytes } from "../fixtures/tar-bytes.ts";
import { namesIn, withFolder } from "../support/temporary.ts";

async function refuses(
  promise: Promise<unknown>,
  archive: string,
  expected: Pick<Hostile, "code" | "message">,
): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof ApplianceError, String(error));
    assert.equal(error.code, expected.code, error.message);
    assert.match(error.message, expected.message);
    assert.ok(error.message.startsWith(`${archive}: `), error.message);
    return true;
  });
}

describe("a hostile archive", () => {
  for (const [name, hostile] of Object.entries(hostileArchives)) {
    it(
      `with ${name} is refused and leaves nothing`,
      withFolder(async (folder) => {
        const archive = path.join(folder, "web.tar");
        const spool = path.join(folder, "spool");
        await mkdir(spool);
        await writeFile(archive, tarBytes(descriptorMember, diskMember, ...hostile.members));
        const context = testContext({ temporaryFolder: spool });
        await refuses(openSource(archive, context), archive, hostile);
        await refuses(inspectSource(archive, context), archive, hostile);
        await refuses(
          unpackSource(archive, path.join(spool, "out"), { context }),
          archive,
          hostile,
        );
        assert.deepEqual(await namesIn(spool), []);
        assert.deepEqual(await namesIn(folder), ["spool", "web.tar"]);
        assert.ok(!(await namesIn("/tmp")).includes(OUTSIDE));
      }),
    );
  }

  const limited: Readonly<Record<string, readonly [Partial<SourceLimits>, RegExp]>> = {
    "more members than allowed": [{ maxMembers: 2 }, /archive has more than 2 members/],
    "more bytes than allowed": [
      { maxExpandedBytes: 2500 },
      /brings the archive to [\d.]+ [KMGT]iB expanded/,
    ],
  };
  for (const [name, [limits, message]] of Object.entries(limited)) {
    it(
      `with ${name} is refused`,
      withFolder(async (folder) => {
        const archive = path.join(folder, "web.tar");
        const more: RawMember = { name: "web/README", data: "x" };
        await writeFile(archive, tarBytes(descriptorMember, diskMember, more));
        const context = testContext({ temporaryFolder: path.join(folder, "spool") });
        const expected = { code: "LIB_LIMIT_EXCEEDED", message } as const;
        await refuses(openSource(archive, context, limits), archive, expected);
        assert.deepEqual(await namesIn(path.join(folder, "spool")), []);
      }),
    );
  }

  it(
    "that is a bomb is stopped by its ratio, but an honest empty disk is not",
    withFolder(async (folder) => {
      const archive = path.join(folder, "web.tar.gz");
      const context = testContext({ temporaryFolder: path.join(folder, "spool") });
      const empty = { name: "web/disk.raw", data: Buffer.alloc(40_000_000) };
      await writeFile(archive, gzipSync(tarBytes(descriptorMember, empty)));
      await using source = await openSource(archive, context, {
        maxRatio: 10,
        ratioFreeBytes: 1_000_000,
      });
      assert.equal(source.files[0]?.sizeBytes, 40_000_000);

      const bomb = { name: "web/disk.raw", data: Buffer.alloc(40_000_000, 0x2a) };
      await writeFile(archive, gzipSync(tarBytes(descriptorMember, bomb)));
      const limits = { maxRatio: 10, ratioFreeBytes: 1_000_000 };
      await refuses(openSource(archive, context, limits), archive, {
        code: "LIB_LIMIT_EXCEEDED",
        message: /its [\d.]+ KiB expand to more than 977 KiB of data/,
      });
      const chosen = { maxRatio: 10, maxExpandedBytes: 50_000_000 };
      await using trusted = await openSource(archive, context, chosen);
      assert.equal(trusted.files[0]?.sizeBytes, 40_000_000);
    }),
  );

  it(
    "in a folder: symbolic links out of it are refused",
    withFolder(async (folder) => {
      const root = path.join(folder, "web");
      await mkdir(root);
      await writeFile(path.join(root, "appliance.xml"), descriptorMember.data ?? "");
      await writeFile(path.join(folder, "secret"), "secret");
      await symlink("../secret", path.join(root, "disk.raw"));
      await refuses(openSource(root, testContext()), root, {
        code: "SOURCE_INVALID",
        message: /problems, expected none/,
      });
      const { problems } = await inspectSource(root, testContext());
      assert.ok(problems.some(({ code }) => code === "link-outside"));
    }),
  );
});

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { planBuild } from "../../src/pipeline/index.ts";
import { inspectSource, packDirectory, unpackSource } from "../../src/source/index.ts";
import { descriptorOf, noise, tar, writeAppliance } from "../fixtures/appliance-folder.ts";
import { testContext } from "../support/context.ts";
import { namesIn, withFolder } from "../support/temporary.ts";

const MIB = 2 ** 20;
const context = testContext();
const qcow2 = (...args: readonly string[]): readonly string[] => ["-q", "-f", "qcow2", ...args];

/** Images that no package may be made of, by how qemu-img makes them. */
const hostile = [
  {
    what: "uses a backing file",
    create: qcow2("-u", "-b", "/etc/shadow", "-F", "raw"),
    code: "IMAGE_BACKING_FILE",
    message: /data\.qcow2: the image uses a backing file, "\/etc\/shadow", expected/,
  },
  {
    what: "names an external data file",
    create: qcow2("-o", "data_file=beside.raw,data_file_raw=on"),
    code: "IMAGE_EXTERNAL_DATA",
    message: /data\.qcow2: the image uses a data file, "beside\.raw", expected/,
  },
  {
    what: "uses a backing file, with clusters larger than what is looked at",
    create: qcow2("-o", "cluster_size=2M", "-u", "-b", "/etc/shadow", "-F", "raw"),
    code: "IMAGE_BACKING_FILE",
    message: /data\.qcow2: the image uses a backing file, "\/etc\/shadow", expected/,
  },
  {
    what: "is raw",
    create: ["-q", "-f", "raw"],
    code: "IMAGE_FORMAT_MISMATCH",
    message: /data\.qcow2: the image is raw by its content, expected qcow2/,
  },
  {
    what: "is vdi",
    create: ["-q", "-f", "vdi"],
    code: "IMAGE_FORMAT_MISMATCH",
    message: /data\.qcow2: the image is vdi by its content, expected qcow2/,
  },
];

async function writeHostile(folder: string, create: readonly string[]): Promise<void> {
  const descriptor = descriptorOf([
    { file: "root.raw" },
    { file: "data.qcow2", format: "qcow2", use: "data", sizeMib: 4 },
  ]);
  await writeAppliance(folder, descriptor, { "root.raw": noise(MIB) });
  // In the folder, because a data file is named relative to it.
  await context.run("qemu-img", ["create", ...create, "data.qcow2", "4M"], { cwd: folder });
}

function refusal(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ApplianceError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.ok(error.hint !== undefined);
    return true;
  };
}

describe("a disk that is no package's", () => {
  for (const { what, create, code, message } of hostile) {
    it(
      `is refused by pack and unpack as by build, and told by inspect, when it ${what}`,
      withFolder(async (folder) => {
        const web = path.join(folder, "web");
        const out = path.join(folder, "out");
        await mkdir(out);
        await writeHostile(web, create);
        const isRefused = refusal(code, message);
        const options = {
          outputFolder: out,
          package: { buildTimeSeconds: 1 },
          images: { keepRaw: false, compression: "zstd" as const },
        };
        const { code: built } = await planBuild(web, options, context).then(
          () => assert.fail("not refused"),
          (error: unknown) => error as ApplianceError,
        );
        assert.equal(built, code);
        await assert.rejects(packDirectory(web, path.join(out, "web.tar"), { context }), isRefused);
        await assert.rejects(unpackSource(web, path.join(out, "web"), { context }), isRefused);
        for (const how of [["-cf"], ["-Scf"], ["-czf"]]) {
          const archive = path.join(folder, "web.tar");
          await tar("-C", folder, ...how, archive, "web");
          await assert.rejects(
            unpackSource(archive, path.join(out, "web"), { context }),
            isRefused,
          );
          const { problems } = await inspectSource(archive, context);
          const [found, ...others] = problems.filter(({ severity }) => severity === "error");
          assert.equal(found?.code, code.toLowerCase().replaceAll("_", "-"));
          assert.match(found?.message ?? "", message);
          assert.ok(found?.line !== undefined);
          assert.deepEqual(others, []);
        }
        assert.deepEqual(await namesIn(out), []);
      }),
    );
  }

  it(
    "a bad disk is refused together with all others; scratch disks, which are not packed, are not read",
    withFolder(async (folder) => {
      const disks = ["a", "b", "c"].map((name, index) => ({
        file: `${name}.qcow2`,
        format: "qcow2",
        sizeMib: 1,
        use: index === 2 ? ("scratch" as const) : ("system" as const),
      }));
      const files = Object.fromEntries(disks.map(({ file }) => [file, noise(MIB)]));
      const web = path.join(folder, "web");
      await writeAppliance(web, descriptorOf(disks), files);
      await assert.rejects(packDirectory(web, `${web}.tar`, { context }), (error) => {
        assert.ok(error instanceof ApplianceError);
        assert.match(error.message, /a\.qcow2: the image is raw/);
        assert.equal(error.details.length, 1);
        assert.match(error.details[0] ?? "", /b\.qcow2: the image is raw/);
        return true;
      });
      await tar("-C", folder, "-cf", `${web}.tar`, "web");
      const { problems } = await inspectSource(`${web}.tar`, context);
      const told = problems.filter(({ code }) => code === "image-format-mismatch");
      assert.deepEqual(
        told.map(({ message }) => message.split(":")[0]),
        ["a.qcow2", "b.qcow2"],
      );
    }),
  );

  it(
    "is a warning when it is only odd: raw that holds an image",
    withFolder(async (folder) => {
      const web = path.join(folder, "web");
      await writeAppliance(web, descriptorOf([{ file: "root.raw" }]), {});
      await context.run("qemu-img", ["create", "-q", "-f", "qcow2", "q", "1M"], { cwd: web });
      await writeFile(path.join(web, "root.raw"), Buffer.alloc(0));
      await context.run("sh", ["-c", "cat q > root.raw && truncate -s 1M root.raw && rm q"], {
        cwd: web,
      });
      const archive = `${web}.tar`;
      const packed = await packDirectory(web, archive, { context });
      const unpacked = await unpackSource(archive, `${web}2`, { context });
      const inspected = await inspectSource(archive, context);
      for (const { problems } of [packed, unpacked, inspected]) {
        assert.deepEqual(
          problems.map(({ severity, code }) => [severity, code]),
          [["warning", "raw-holds-image"]],
        );
      }
    }),
  );

  it(
    "is found in an archive through another name, whatever comes first",
    withFolder(async (folder) => {
      const web = path.join(folder, "web");
      await writeHostile(web, qcow2("-u", "-b", "/etc/shadow", "-F", "raw"));
      await context.run("sh", ["-c", "mv data.qcow2 z && ln z data.qcow2"], { cwd: web });
      const archive = path.join(folder, "web.tar");
      const members = ["z", "data.qcow2", "root.raw", "appliance.xml"];
      await tar("-C", web, "-cf", archive, ...members);
      const { problems } = await inspectSource(archive, context);
      const errors = problems.filter(({ severity }) => severity === "error");
      assert.deepEqual(
        errors.map(({ code }) => code),
        ["image-backing-file"],
      );
    }),
  );
});

import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { descriptorOf, noise, runTool, writeAppliance } from "../fixtures/appliance-folder.ts";
import { type BadInput, type BadInputs, tarOfWeb, writeWeb } from "../support/bad-input.ts";
import { descriptorMember, diskMember, hostileArchives } from "../fixtures/hostile-archives.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { type RawMember, tarBytes } from "../fixtures/tar-bytes.ts";

/** Sources that are none, or no sound ones: archives, folders and what else can be named. */

const BUILD = ["build", "web.tar", "-o", "out"] as const;

const compressors = { plain: undefined, gzip: "gzip", xz: "xz", zstd: "zstd", bzip2: "bzip2" };

/** A damaged archive of one compression. */
function damaged(
  compressor: string | undefined,
  damage: (bytes: Buffer) => Buffer,
  code: string,
): BadInput {
  return {
    prepare: async (sandbox) => {
      await writeWeb(sandbox);
      await writeFile(sandbox.path("web.tar"), damage(await tarOfWeb(sandbox, compressor)));
    },
    args: BUILD,
    status: 1,
    code,
    message: /^virt-appliance: web\.tar: .*(damaged|cut short|ends|checksum|truncated)/m,
  };
}

function damagedArchives(): BadInputs {
  const rows: Record<string, BadInput> = {};
  for (const [name, compressor] of Object.entries(compressors)) {
    const [cut, broken] =
      compressor === undefined
        ? ["LIB_TAR_TRUNCATED", "LIB_TAR_CORRUPT"]
        : ["LIB_COMPRESSED_CORRUPT", "LIB_COMPRESSED_CORRUPT"];
    const half = (bytes: Buffer): Buffer => bytes.subarray(0, Math.floor(bytes.length / 2));
    const nearlyAll = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length - 5);
    const flip = (bytes: Buffer): Buffer => {
      // In a plain archive only headers are guarded; bzip2 hands out what it decodes before it checks it.
      const places: Readonly<Record<string, number>> = { plain: 600, bzip2: bytes.length - 10 };
      const at = places[name] ?? Math.floor(bytes.length / 2);
      bytes.fill(0x55, at, at + 9);
      return bytes;
    };
    rows[`a ${name} archive cut in half`] = damaged(compressor, half, cut);
    if (compressor !== undefined) {
      rows[`a ${name} archive without its end`] = damaged(compressor, nearlyAll, cut);
    }
    rows[`a ${name} archive with damage in it`] = damaged(compressor, flip, broken);
  }
  return rows;
}

function archive(...members: readonly (RawMember | Buffer)[]): (sandbox: Sandbox) => Promise<void> {
  return (sandbox) => writeFile(sandbox.path("web.tar"), tarBytes(...members));
}

function hostile(command: readonly string[]): BadInputs {
  return Object.fromEntries(
    Object.entries(hostileArchives).map(
      ([name, { members, code, message }]): [string, BadInput] => [
        `${command[0]}: ${name}`,
        {
          prepare: archive(descriptorMember, diskMember, ...members),
          args: command,
          status: 1,
          code,
          message,
        },
      ],
    ),
  );
}

const bomb = (sandbox: Sandbox): Promise<void> => {
  const data = Buffer.alloc(30_000_000, 0x2a);
  const members = tarBytes(descriptorMember, { name: "web/disk.raw", data });
  return writeFile(sandbox.path("web.tar"), gzipSync(members));
};

const others: BadInputs = {
  "a bomb beyond --max-size": {
    prepare: bomb,
    args: [...BUILD, "--max-size", "1M"],
    status: 1,
    code: "LIB_LIMIT_EXCEEDED",
    message: /web\.tar: member "web\/disk\.raw" of 28\.6 MiB .* expected at most 1\.0 MiB/,
    hint: /--max-size/,
  },
  "a compressed disk that expands beyond --max-size": {
    prepare: async (sandbox) => {
      await writeAppliance(sandbox.path("web"), descriptorOf([{ file: "disk.raw" }]), {
        "disk.raw.gz": gzipSync(Buffer.alloc(30_000_000, 0x2a)),
      });
    },
    args: ["build", "web", "-o", "out", "--max-size", "1M"],
    status: 1,
    code: "LIB_LIMIT_EXCEEDED",
    message: /web\/disk\.raw\.gz: expands to more than 1\.0 MiB/,
    hint: /--max-size/,
  },
  "nothing of that name": {
    args: BUILD,
    status: 1,
    code: "LIB_IO",
    message: /^virt-appliance: web\.tar: no such file or folder/,
  },
  "an empty file": {
    prepare: (sandbox) => writeFile(sandbox.path("web.tar"), ""),
    args: BUILD,
    status: 1,
    code: "LIB_TAR_TRUNCATED",
    message: /web\.tar: archive ends at byte 0/,
    hint: /download it again/,
  },
  "a zip archive": {
    prepare: (sandbox) => writeFile(sandbox.path("web.tar"), "PK\u0003\u0004 and so on"),
    args: BUILD,
    status: 1,
    code: "SOURCE_UNKNOWN_FORMAT",
    message: /web\.tar: a zip archive, expected a folder, a tar archive or a descriptor/,
  },
  "a disk image": {
    prepare: (sandbox) =>
      runTool("qemu-img", "create", "-q", "-f", "qcow2", sandbox.path("web.tar"), "1M"),
    args: BUILD,
    status: 1,
    code: "SOURCE_UNKNOWN_FORMAT",
    message: /web\.tar: a qcow2 disk image, expected/,
  },
  "no archive at all": {
    prepare: (sandbox) => writeFile(sandbox.path("web.tar"), noise(5000)),
    args: BUILD,
    status: 1,
    code: "LIB_TAR_CORRUPT",
    message: /web\.tar: not a tar archive/,
  },
  "a folder that may not be read": {
    prepare: async (sandbox) => {
      await writeWeb(sandbox);
      await chmod(sandbox.path("web"), 0o300);
    },
    args: ["build", "web", "-o", "out"],
    asMortal: true,
    status: 1,
    code: "LIB_IO",
    message: /^virt-appliance: web: permission denied/m,
  },
  "a disk that may not be read": {
    prepare: async (sandbox) => {
      await writeWeb(sandbox);
      await chmod(sandbox.path("web", "disk.raw"), 0);
    },
    args: ["build", "web", "-o", "out"],
    asMortal: true,
    status: 1,
    code: "LIB_IO",
    message: /^virt-appliance: web: disk\.raw: permission denied/m,
  },
  "an empty folder": {
    prepare: (sandbox) => mkdir(sandbox.path("web")),
    args: ["build", "web", "-o", "out"],
    status: 1,
    code: "SOURCE_NO_DESCRIPTOR",
    message: /^virt-appliance: web: no appliance descriptor, expected an XML file/m,
    hint: /virt-appliance init/,
  },
  "a folder with links out of it": {
    prepare: async (sandbox) => {
      await writeAppliance(sandbox.path("web"), descriptorOf([{ file: "disk.raw" }]));
      await symlink("/etc/passwd", sandbox.path("web", "disk.raw"));
    },
    args: ["build", "web", "-o", "out"],
    status: 1,
    code: "SOURCE_INVALID",
    message: /"disk\.raw" is a symbolic link out of the folder, to \/etc\/passwd/,
  },
};

/** Names that are no plain files, to every command that takes one. */
function special(): BadInputs {
  const rows: Record<string, BadInput> = {};
  const commands: Readonly<Record<string, readonly [readonly string[], string]>> = {
    build: [["-o", "out"], "SOURCE_UNKNOWN_FORMAT"],
    inspect: [[], "SOURCE_UNKNOWN_FORMAT"],
    unpack: [["-d", "new"], "SOURCE_UNKNOWN_FORMAT"],
    pack: [["-o", "new.tar"], "SOURCE_UNKNOWN_FORMAT"],
    init: [["-o", "new.xml"], "SOURCE_INEXPRESSIBLE"],
    verify: [[], "LIB_IO"],
  };
  for (const [command, [options, code]] of Object.entries(commands)) {
    for (const name of ["./fifo", "/dev/zero"]) {
      rows[`${command} ${name}`] = {
        prepare: (sandbox) => runTool("mkfifo", sandbox.path("fifo")),
        args: [command, name, ...options],
        status: 1,
        code,
        message: new RegExp(`^virt-appliance: ${name}: not a (plain|regular) file`, "m"),
        // It reports file by file.
        ...(command === "verify" ? { stdout: new RegExp(`^${name}: NOT READ\\n`) } : {}),
      };
    }
  }
  return rows;
}

/** All of them. */
export const badSources: BadInputs = {
  ...damagedArchives(),
  ...hostile(BUILD),
  ...others,
  ...special(),
};

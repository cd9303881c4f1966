import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { runTool } from "../fixtures/appliance-folder.ts";
import { type BadInput, type BadInputs, writeWeb } from "../support/bad-input.ts";
import type { Sandbox } from "../support/sandbox.ts";

/** Command lines that are not understood, and folders that nothing can be written to. */

function usage(args: readonly string[], message: RegExp): BadInput {
  return { prepare: writeWeb, args, status: 2, code: "CLI_USAGE", message };
}

const usages: BadInputs = Object.fromEntries(
  [
    usage([], /missing command/),
    usage(["biuld", "web"], /unknown command "biuld"\n {2}hint: did you mean build\?/),
    usage(["build"], /build: expected <source\.\.>/),
    usage(["build", "web", "--outptu", "out"], /build: unknown option --outptu/),
    usage(["build", "web", "-o"], /build: -o: has no value/),
    usage(["build", "web", "-o", "--json"], /build: -o: has no value/),
    usage(["build", "web", "--output="], /build: --output: has no value/),
    usage(["build", "web", "-o", "a", "-o", "b"], /build: --output: given 2 times, expected once/),
    usage(["build", "web", "--no-output"], /unknown option --no-output/),
    usage(["build", "web", "--dry-run=yes", "-o", "out"], /--dry-run=yes: takes no value/),
    usage(["build", "", "-o", "out"], /build: <source>: empty/),
    usage(
      ["build", "web", "-o", "out", "--max-size", "lots"],
      /--max-size: "lots", expected a size/,
    ),
    usage(["build", "web", "-o", "out", "--max-size", "-5"], /--max-size: "-5", expected a size/),
    usage(
      ["build", "web", "-o", "out", "--payload-dir", "here"],
      /--payload-dir: "here", expected an absolute/,
    ),
    usage(
      ["build", "web", "-o", "out", "--payload-dir", "/srv/../etc"],
      /--payload-dir: "\/srv\/\.\.\/etc", expected an absolute path of plain characters without/,
    ),
    usage(["build", "web", "-o", "out", "--payload-dir", "//"], /--payload-dir: "\/\/", expected/),
    usage(["inspect", "web", "pack"], /inspect: unexpected argument: pack/),
    usage(["inspect", "web", "build", "web"], /inspect: unexpected arguments: build, web/),
    usage(["repo"], /repo: expected one of its commands: init, add/),
    usage(["repo", "ad"], /repo: unknown command "ad"\n {2}hint: did you mean add\?/),
    usage(["repo", "init", "repo"], /repo init: expected --name, --base-url/),
    usage(
      ["repo", "init", "repo", "--name", "r", "--base-url", "http://x/"],
      /either --key, --signer or --unsigned/,
    ),
    usage(["repo", "serve", "repo", "--port", "http"], /--port: not a number/),
    usage(["repo", "serve", "repo", "--port", "99999"], /--port: 99999, expected 0 to 65535/),
    usage(["unpack", "web"], /unpack: expected --directory \(-d\)/),
    usage(["verify", "web", "--key"], /Not enough arguments following: key|--key: has no value/),
    usage(["--json", "build"], /build: expected <source\.\.>/),
    usage(
      ["keys", "generate", "--name", "x", "--email", "x@example.com", "--expires", "soon"],
      /--expires: not a number/,
    ),
  ].map((row) => [row.args.join(" ") || "nothing at all", row]),
);

const others: BadInputs = {
  "a date that is none": {
    ...usage(["build", "web", "-o", "out"], /SOURCE_DATE_EPOCH: "tomorrow", expected seconds/),
    environment: { SOURCE_DATE_EPOCH: "tomorrow" },
  },
  "a suffix that is not known": {
    prepare: writeWeb,
    args: ["pack", "web", "-o", "web.zip"],
    status: 2,
    code: "SOURCE_UNKNOWN_SUFFIX",
    message: /web\.zip: unknown suffix, expected \.tar, /,
  },
  "a release that is none": {
    prepare: writeWeb,
    args: ["build", "web", "-o", "out", "--release", "1-2"],
    status: 1,
    code: "PLAN_BAD_VERSION",
    message: /web: release "1-2", expected letters/,
  },
  "a version that would leave its folder": {
    prepare: writeWeb,
    args: ["build", "web", "-o", "out", "--appliance-version", "../../etc"],
    status: 1,
    code: "PLAN_BAD_VERSION",
    message: /web: version "\.\.\/\.\.\/etc", expected/,
  },
  "a key name that leaves its folder": {
    args: ["keys", "generate", "--name", "../x", "--email", "x@example.com"],
    status: 2,
    code: "SIGN_BAD_REQUEST",
    message: /name "\.\.\/x" is not/,
  },
  "a line break in a name that is told": {
    args: ["inspect", "no\nsuch\u001b[31mfile"],
    status: 1,
    code: "LIB_IO",
    message: /^virt-appliance: no\\x0asuch\\x1b\[31mfile: no such file or folder/,
  },
};

const full = (sandbox: Sandbox): Promise<unknown> =>
  Promise.all([writeWeb(sandbox), writeFile(sandbox.path("file"), "")]);

/** A place that cannot be written to, to every command that writes. */
function outputs(): BadInputs {
  const places: Readonly<Record<string, readonly [string, RegExp]>> = {
    "to a file": ["file", /file.*: not a folder/],
    "below a file": ["file/below", /file\/below.*: not a folder, or below/],
    "in a folder that cannot be written to": ["closed/new", /closed\b.*: permission denied/],
    "to a link to nowhere": ["dangling", /dangling.*: (not a folder|a symbolic link to nowhere)/],
    "behind a link to nowhere": ["dangling/new", /dangling.*: a symbolic link to nowhere/],
    "where no folder can be made": [
      "/proc/virt-appliance/new",
      /\/proc\/.*: cannot create a folder there/,
    ],
  };
  const url = "http://x.example/";
  const user = ["--name", "x", "--email", "x@example.com"];
  const commands: Readonly<Record<string, (place: string) => readonly string[]>> = {
    build: (place) => ["build", "web", "-o", place],
    unpack: (place) => ["unpack", "web", "-d", place],
    "keys generate": (place) => ["keys", "generate", ...user, "-o", place],
    "repo init": (place) => ["repo", "init", place, "--name", "r", "--base-url", url, "--unsigned"],
  };
  const rows: Record<string, BadInput> = {};
  const refused = { prepare: obstacles, asMortal: true, status: 1, code: "LIB_IO" };
  for (const [where, [place, message]] of Object.entries(places)) {
    for (const [command, args] of Object.entries(commands)) {
      rows[`${command} ${where}`] = { ...refused, args: args(place), message };
    }
  }
  // What writes a file makes no folder.
  const files: Readonly<Record<string, RegExp>> = {
    "file/web.tar": /: file\/web\.tar: not a folder, or below a path that is not a folder/,
    "closed/web.tar": /: closed\/web\.tar: permission denied/,
    "dangling/web.tar": /: dangling\/web\.tar: no such file or folder/,
    "missing/web.tar": /: missing\/web\.tar: no such file or folder/,
    "/proc/web.tar": /: \/proc\/web\.tar: no such file or folder/,
    "folder.tar": /: folder\.tar: is a folder, expected a file/,
  };
  for (const [file, message] of Object.entries(files)) {
    rows[`pack to ${file}`] = { ...refused, args: ["pack", "web", "-o", file], message };
  }
  return rows;
}

async function obstacles(sandbox: Sandbox): Promise<void> {
  await full(sandbox);
  await mkdir(sandbox.path("folder.tar"));
  await mkdir(sandbox.path("closed"));
  await chmod(sandbox.path("closed"), 0o500);
  await symlink("/nowhere/at/all", sandbox.path("dangling"));
}

const readOnly: BadInputs = {
  "unpack into a folder that is not empty": {
    prepare: full,
    args: ["unpack", "web", "-d", "."],
    status: 1,
    code: "SOURCE_NOT_EMPTY",
    message: /\.: folder contains 2 files, expected an empty one/,
    hint: /does not exist yet/,
  },
  "init from what is no disk": {
    prepare: (sandbox) => writeFile(sandbox.path("text"), "no disk"),
    args: ["init", "text", "-o", "appliance.xml"],
    status: 1,
    code: "SOURCE_INEXPRESSIBLE",
    message: /text: not a disk image .* 7 bytes are not a multiple of 512/,
  },
  "init over a descriptor": {
    prepare: full,
    args: ["init", "web/disk.raw", "-o", "web/appliance.xml"],
    status: 1,
    code: "CLI_FILE_EXISTS",
    message: /web\/appliance\.xml: already exists/,
  },
  "a device as output folder": {
    prepare: (sandbox) =>
      Promise.all([writeWeb(sandbox), runTool("ln", "-s", "/dev/null", sandbox.path("null"))]),
    args: ["build", "web", "-o", "null"],
    status: 1,
    code: "LIB_IO",
    message: /null: not a folder, expected one/,
  },
};

/** All of them. */
export const badArguments: BadInputs = { ...usages, ...others, ...outputs(), ...readOnly };

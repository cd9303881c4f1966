import assert from "node:assert/strict";
import type { PackagePlan, PackageTrigger, Relation } from "../../src/package/index.ts";
import { validatePlan } from "../../src/rpm/validate/plan.ts";
import {
  BUILD_TIME_SECONDS,
  directory,
  ghost,
  hardLink,
  packagePlan,
  stagedFile,
  symlink,
  templateFile,
  textFile,
} from "../fixtures/package-plan.ts";

const script = { interpreter: ["/bin/sh"], body: "true" };
const trigger = { ...script, scope: "file", event: "in", paths: ["/usr/share/x"] } as const;
const onPackage = (...packages: readonly Relation[]): PackageTrigger => ({
  ...script,
  event: "in",
  packages,
});
const at = (path: string): Partial<PackagePlan> => ({ entries: [textFile(path, "a")] });
const entry = (overrides: Parameters<typeof textFile>[2]): Partial<PackagePlan> => ({
  entries: [textFile("/opt/a", "a", overrides)],
});

const fine: readonly (readonly [string, Partial<PackagePlan>])[] = [
  ["no files", {}],
  ["tilde, caret and plus in versions", { version: "1.0~rc1+2", release: "0^git.1" }],
  ["a rich expression", { requires: [{ name: "((a and b) or c)", phases: ["post"] }] }],
  ["a versioned relation", { obsoletes: [{ name: "x", comparison: "<", version: "2:1-3" }] }],
  ["a capability of a package", { provides: [{ name: "bundled(libfoo)(x86-64)" }] }],
  [
    "a file beside a folder that sorts between",
    { entries: [directory("/a"), textFile("/a-b", ""), textFile("/a/b", "")] },
  ],
  [
    "triggers on ranges that do not meet",
    {
      packageTriggers: [
        onPackage({ name: "a", comparison: "<", version: "1:2-3" }, { name: "/usr/bin/b" }),
        onPackage({ name: "a", comparison: "=", version: "1:2-3" }),
        onPackage({ name: "a", comparison: ">", version: "1:2" }),
        { ...onPackage({ name: "a" }), event: "un" },
      ],
    },
  ],
  ["Lua", { scriptlets: { pretrans: { interpreter: ["<lua>"], body: "x = 1" } } }],
  ["tabs in a script", { scriptlets: { post: { ...script, body: "\techo\n" } } }],
  ["capabilities", entry({ capabilities: "cap_chown,cap_net_raw,cap_checkpoint_restore=eip" })],
  [
    "a hard link before its file",
    { entries: [hardLink("/a", textFile("/b", "")), textFile("/b", "", { attributes: ["doc"] })] },
  ],
  [
    "names of the greatest length",
    {
      entries: [
        directory(`/${"a".repeat(255)}`),
        symlink(`/${"b".repeat(246)}`, "x".repeat(1024)),
        ghost(`/${"c".repeat(255)}`),
        textFile(`/${"x".repeat(200)}`.repeat(20) + "/".padEnd(66, "y"), ""),
      ],
    },
  ],
  ["a link out of its folder", { entries: [symlink("/opt/l", "../../etc")] }],
];

const broken: readonly (readonly [string, Partial<PackagePlan>, RegExp])[] = [
  ["an empty name", { name: "" }, /^name is ""/],
  ["a name with a slash", { name: "a/b" }, /^name is "a\/b"/],
  ["a name that begins with a hyphen", { name: "-a" }, /^name is "-a"/],
  ["a name with a letter of another alphabet", { name: "bär" }, /^name is/],
  ["a hyphen in the version", { version: "1-2" }, /^version is "1-2"/],
  ["an empty release", { release: "" }, /^release is ""/],
  ["an unknown kind of architecture", { arch: "x86 64" }, /^arch is/],
  [
    "a file name that no file system takes",
    { version: "1".repeat(250) },
    /file name of 2\d\d bytes/,
  ],
  ["a negative epoch", { epoch: -1 }, /^epoch is -1/],
  ["a build time past 32 bits", { buildTimeSeconds: 2 ** 32 }, /^build time is/],
  ["a summary of two lines", { summary: "a\nb" }, /^summary contains a control character/],
  ["an empty licence", { license: " " }, /^license is empty/],
  ["an escape sequence in the description", { description: "\u001b[2J" }, /^description contains/],
  ["half a surrogate pair", { vendor: "\ud800" }, /^vendor is not valid Unicode/],
  [
    "a level that gzip has not",
    { payload: { compressor: "gzip", level: 10 } },
    /^gzip level is 10/,
  ],
  [
    "a level that is no number",
    { payload: { compressor: "zstd", level: NaN } },
    /^zstd level is NaN/,
  ],
  [
    "a changelog with the newest last",
    {
      changelog: [
        { timeSeconds: 1, author: "A", text: "" },
        { timeSeconds: 2, author: "A", text: "" },
      ],
    },
    /^changelog entry 2 is newer/,
  ],
  ["a relation with a space", { requires: [{ name: "a b" }] }, /^requires is "a b"/],
  ["a version without comparison", { requires: [{ name: "a", version: "1" }] }, /a version alone/],
  [
    "a comparison without version",
    { requires: [{ name: "a", comparison: "=" }] },
    /a comparison alone/,
  ],
  [
    "two hyphens in a version",
    { requires: [{ name: "a", comparison: "=", version: "1-2-3" }] },
    /version is "1-2-3"/,
  ],
  [
    "a version of a path",
    { requires: [{ name: "/bin/sh", comparison: "=", version: "1" }] },
    /a path has no version/,
  ],
  ["a feature of rpm", { requires: [{ name: "rpmlib(X)" }] }, /adds these itself/],
  [
    "a rich expression that is provided",
    { provides: [{ name: "(a or b)" }] },
    /no boolean expression/,
  ],
  [
    "a condition where rpm allows none",
    { conflicts: [{ name: "(a if b)" }] },
    /rpm allows no "if" there, use "and"/,
  ],
  [
    "an exception where rpm allows none",
    { requires: [{ name: "(a unless b)" }] },
    /rpm allows no "unless" there, use "or"/,
  ],
  ["a parenthesis that stays open", { requires: [{ name: "(a or (b)" }] }, /do not match/],
  ["two expressions in one", { requires: [{ name: "(a)(b)" }] }, /do not match/],
  [
    "a phase of what is not required",
    { suggests: [{ name: "a", phases: ["pre"] }] },
    /only requires has phases/,
  ],
  [
    "an interpreter looked up in PATH",
    { scriptlets: { post: { ...script, interpreter: ["sh"] } } },
    /interpreter is "sh"/,
  ],
  [
    "a scriptlet without interpreter",
    { scriptlets: { post: { ...script, interpreter: [] } } },
    /interpreter is ""/,
  ],
  [
    "a NUL in a script",
    { scriptlets: { post: { ...script, body: "a\0b" } } },
    /script contains a control character/,
  ],
  ["a trigger without packages", { packageTriggers: [onPackage()] }, /trigger 1: has no package/],
  [
    "a trigger on a boolean expression",
    { packageTriggers: [onPackage({ name: "(a or b)" })] },
    /no boolean expression/,
  ],
  [
    "a trigger on a version of a path",
    { packageTriggers: [onPackage({ name: "/a", comparison: "<", version: "1" })] },
    /a path has no version/,
  ],
  [
    "a trigger in a phase",
    { packageTriggers: [onPackage({ name: "a", phases: ["pre"] })] },
    /only requires has phases/,
  ],
  [
    "a package trigger with arguments",
    { packageTriggers: [{ ...onPackage({ name: "a" }), interpreter: ["/bin/sh", "-e"] }] },
    /no arguments/,
  ],
  [
    "two triggers that a package fires at once",
    {
      packageTriggers: [
        onPackage({ name: "a", comparison: "<=", version: "2" }),
        onPackage({ name: "b" }, { name: "a", comparison: ">", version: "1-5" }),
      ],
    },
    /trigger 2: "a > 1-5" overlaps with "a <= 2" of package trigger 1$/,
  ],
  ["a trigger without paths", { fileTriggers: [{ ...trigger, paths: [] }] }, /has no path/],
  [
    "a trigger on a relative path",
    { fileTriggers: [{ ...trigger, paths: ["usr"] }] },
    /path is "usr"/,
  ],
  [
    "a trigger with arguments",
    { fileTriggers: [{ ...trigger, interpreter: ["/bin/sh", "-x"] }] },
    /no arguments/,
  ],
  ["a priority below zero", { fileTriggers: [{ ...trigger, priority: -1 }] }, /priority is -1/],
  ["a relative path", at("opt/a"), /absolute path/],
  ["a path that climbs", at("/opt/../a"), /absolute path/],
  ["a doubled slash", at("/opt//a"), /absolute path/],
  ["a trailing slash", at("/opt/"), /absolute path/],
  ["the root folder", at("/"), /absolute path/],
  ["a newline in a path", at("/opt/a\nb"), /control character/],
  [
    "a name that rpm cannot unpack",
    at(`/opt/${"ü".repeat(123)}x`),
    /^path "\/opt\/ü{75}…" has a name of 247 bytes, expected at most 246$/,
  ],
  [
    "the name of a folder of 256 bytes",
    { entries: [directory(`/${"ü".repeat(128)}`)] },
    /a name of 256 bytes, expected at most 255/,
  ],
  [
    "a path that rpm cannot unpack",
    at(`/${"x".repeat(200)}`.repeat(20) + "/".padEnd(67, "y")),
    /^path "\/x{79}…" has 4087 bytes, expected at most 4086/,
  ],
  [
    "a target of 1,025 bytes",
    { entries: [symlink("/a", "x".repeat(1025))] },
    /^\/a: target has 1025 bytes, expected at most 1024/,
  ],
  ["a file type in the mode", entry({ mode: 0o100644 }), /mode is 100644/],
  ["an mtime after the build", entry({ mtimeSeconds: BUILD_TIME_SECONDS + 1 }), /no later than/],
  ["a user with a space", entry({ user: "a b" }), /user is "a b"/],
  ["noreplace without config", entry({ attributes: ["noreplace"] }), /noreplace without config/],
  [
    "a folder that is documentation",
    { entries: [directory("/a", { attributes: ["doc"] })] },
    /no attributes/,
  ],
  ...[
    "",
    "cap_chown",
    "=ep",
    "chown=ep",
    "cap_nothing=ep",
    "cap_net_raw,cap_chown=ep",
    "cap_chown,cap_chown=ep",
    "cap_chown=e",
    "cap_chown=pe",
    "cap_chown=ep cap_bpf=p",
    "cap_chown=ep=p",
    "cap_chown=ep)",
  ].map(
    (capabilities) =>
      [
        `the capabilities "${capabilities}"`,
        entry({ capabilities }),
        /\/opt\/a: capabilities are .*, expected them in the order of their numbers/,
      ] as const,
  ),
  [
    "a hard link to nothing",
    { entries: [hardLink("/a", textFile("/b", ""))] },
    /^\/a: hard link to \/b, which is not a file of the package/,
  ],
  [
    "a hard link to a folder",
    { entries: [hardLink("/a", textFile("/b", "")), directory("/b")] },
    /not a file of the package/,
  ],
  [
    "a hard link to itself",
    { entries: [hardLink("/a", textFile("/a", ""))] },
    /which is a hard link itself/,
  ],
  [
    "a hard link of another owner",
    { entries: [hardLink("/a", textFile("/b", "", { user: "x" })), textFile("/b", "")] },
    /^\/a: hard link to \/b, but its user is x, expected root/,
  ],
  ["an empty link", { entries: [symlink("/a", "")] }, /target is empty/],
  [
    "a staged path that leaves its folder",
    { entries: [stagedFile("/a", "../x")] },
    /leaves its folder/,
  ],
  [
    "paths out of order",
    { entries: [textFile("/a/b", ""), textFile("/a-b", "")] },
    /\/a-b comes after \/a\/b/,
  ],
  ["a path twice", { entries: [textFile("/a", ""), directory("/a")] }, /\/a appears twice/],
  [
    "a file below a link",
    { entries: [symlink("/a", "b"), textFile("/a/x", "")] },
    /\/a\/x lies below \/a, which is a symlink/,
  ],
  [
    "a file below a file",
    { entries: [textFile("/a", ""), textFile("/a/b/c", "")] },
    /which is a file/,
  ],
  ["a file below a ghost", { entries: [ghost("/a"), textFile("/a/b", "")] }, /which is a ghost/],
  [
    "a template that quotes what is not staged",
    { entries: [templateFile("/a", "@SHA256(/b)@"), textFile("/b", "")] },
    /template quotes \/b/,
  ],
];

describe("validatePlan", () => {
  for (const [title, overrides] of fine) {
    it(`accepts ${title}`, () => assert.deepEqual(validatePlan(packagePlan(overrides)), []));
  }
  for (const [title, overrides, expected] of broken) {
    it(`refuses ${title}`, () => {
      const problems = validatePlan(packagePlan(overrides));
      assert.ok(
        problems.some((problem) => expected.test(problem)),
        problems.join("\n"),
      );
    });
  }
});

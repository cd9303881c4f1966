import * as fc from "fast-check";
import type {
  FileAttribute,
  FileTrigger,
  PackagePlan,
  PackageTrigger,
  PlannedEntry,
  Relation,
  Scriptlet,
  ScriptletSlot,
  VerifyAspect,
} from "../../src/package/index.ts";
import { overlapProblems } from "../../src/rpm/validate/trigger-overlap.ts";
import { BUILD_TIME_SECONDS, hardLink, packagePlan } from "../fixtures/package-plan.ts";

const DAY_SECONDS = 86_400;

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
const version = fc.constantFrom(
  "1",
  "1.0",
  "2~rc1",
  "3^git5",
  "0.1+b",
  "1:2.0-3",
  "10.20.30-4.el9",
);
const comparison = fc.constantFrom("<", "<=", "=", ">=", ">");

const plainRelation: fc.Arbitrary<Relation> = fc.oneof(
  word.map((name) => ({ name })),
  fc.record({ name: word, comparison, version }),
  word.map((name) => ({ name: `${name}(x-64)` })),
  word.map((name) => ({ name: `/usr/bin/${name}` })),
);
const richRelation: fc.Arbitrary<Relation> = fc.oneof(
  plainRelation,
  fc.tuple(word, word).map(([a, b]) => ({ name: `(${a} or ${b})` })),
  fc.tuple(word, word).map(([a, b]) => ({ name: `(${a} with ${b})` })),
);
const conditional = fc
  .tuple(word, word, word)
  .map(([a, b, c]): Relation => ({ name: `(${a} if (${b} and ${c}))` }));
const phases = fc.uniqueArray(
  fc.constantFrom("pre", "post", "preun", "postun", "pretrans", "posttrans"),
  { minLength: 1, maxLength: 3 },
);
const requirement: fc.Arbitrary<Relation> = fc.oneof(
  richRelation,
  conditional,
  fc.tuple(plainRelation, phases).map(([relation, all]) => ({ ...relation, phases: all })),
);

/** Relations without repetition: rpm has its own order of equal ones. */
function several<T extends Relation>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.uniqueArray(one, { maxLength: 4, selector: ({ name }) => name });
}

/** Texts that a spec can hold; `test/rpm/spec-template.test.ts` has those that it cannot. */
const line = fc.stringMatching(/^[a-z(][a-zA-Z0-9 %${}()é#;:<>&|"'!.,+*?~^=-]{0,30}[a-z]$/);
const body = fc
  .array(line, { maxLength: 4 })
  .map((lines) => lines.map((one) => `:${one}`).join("\n"));
const shell: fc.Arbitrary<Scriptlet> = fc.record({
  body,
  interpreter: fc.constantFrom(["/bin/sh"], ["/bin/bash", "-e"], ["<lua>"], ["/usr/sbin/ldconfig"]),
});
const luaIsSafe = ({ body: text, interpreter }: Scriptlet): Scriptlet =>
  // rpmbuild compiles Lua when it reads it.
  interpreter[0] === "<lua>"
    ? { interpreter, body: `print(${text.length})` }
    : { interpreter, body: text };
const scriptlet = shell.map(luaIsSafe);

const slots: readonly ScriptletSlot[] = [
  "pretrans",
  "pre",
  "post",
  "preun",
  "postun",
  "posttrans",
  "verify",
];
const scriptlets = fc
  .tuple(
    ...slots.map((slot) =>
      fc.option(
        scriptlet.map((one) => [slot, one] as const),
        { nil: undefined },
      ),
    ),
  )
  .map((all) => Object.fromEntries(all.filter((one) => one !== undefined)));

/** Without triggers that one package fires twice, of which rpmbuild drops one. */
const packageTriggers: fc.Arbitrary<PackageTrigger[]> = fc
  .array(
    fc.record({
      event: fc.constantFrom("prein", "in", "un", "postun"),
      packages: fc.uniqueArray(plainRelation, {
        minLength: 1,
        maxLength: 3,
        selector: ({ name }) => name,
      }),
      script: scriptlet,
    }),
    { maxLength: 5 },
  )
  .map((all) =>
    all.map(({ event, packages, script }) => ({
      event,
      packages,
      body: script.body,
      interpreter: script.interpreter.slice(0, 1),
    })),
  )
  .filter((all) => overlapProblems(all).length === 0);

const fileTrigger: fc.Arbitrary<FileTrigger> = fc
  .record({
    scope: fc.constantFrom("file", "transaction"),
    event: fc.constantFrom("in", "un", "postun"),
    paths: fc.uniqueArray(
      word.map((name) => `/usr/lib/${name}`),
      { minLength: 1, maxLength: 3 },
    ),
    priority: fc.option(fc.integer({ min: 1, max: 2_000_000 }), { nil: undefined }),
    script: scriptlet,
  })
  .map(({ scope, event, paths, priority, script }) => ({
    scope,
    event,
    paths,
    body: script.body,
    interpreter: script.interpreter.slice(0, 1),
    ...(priority === undefined ? {} : { priority }),
  }));

const aspects: readonly VerifyAspect[] = [
  "digest",
  "size",
  "link",
  "user",
  "group",
  "mtime",
  "mode",
  "rdev",
  "caps",
];
const attributes: readonly (readonly FileAttribute[])[] = [
  ["config"],
  ["config", "noreplace"],
  ["config", "missingok"],
  ["doc"],
  ["license"],
  ["readme"],
  ["doc", "readme"],
];

/** In the order of their numbers. */
const capabilities = fc
  .tuple(
    fc.subarray(["cap_chown", "cap_setuid", "cap_net_bind_service", "cap_net_raw"], {
      minLength: 1,
    }),
    fc.constantFrom("p", "ep", "i", "ei", "ip", "eip"),
  )
  .map(([names, sets]) => `${names.join(",")}=${sets}`);

const common = fc.record({
  user: fc.constantFrom("root", "qemu", "web_1"),
  group: fc.constantFrom("root", "kvm"),
  mtimeSeconds: fc.integer({ min: 1, max: BUILD_TIME_SECONDS }),
  verifyExcept: fc.option(
    fc.uniqueArray(fc.constantFrom(...aspects), { minLength: 1, maxLength: 9 }),
    { nil: undefined },
  ),
});
const fileName = fc.stringMatching(/^[a-zé日][a-z0-9é日🐧 ._+@~^,=-]{0,12}[a-z0-9🐧]$/u);

const entry: fc.Arbitrary<PlannedEntry> = fc
  .record({
    name: fileName,
    kind: fc.constantFrom("file", "file", "directory", "symlink", "ghost"),
    base: common,
    mode: fc.constantFrom(0o644, 0o755, 0o600, 0o4755, 0o2750, 0o444, 0o1777, 0),
    text: body,
    target: fc.constantFrom("x", "../y z", "/usr/bin/é", "%{name}"),
    attributes: fc.option(fc.constantFrom(...attributes), { nil: undefined }),
    capabilities: fc.option(capabilities, { nil: undefined, freq: 2 }),
  })
  .map(
    ({
      name,
      kind,
      base,
      mode,
      text,
      target,
      attributes: marks,
      capabilities: caps,
    }): PlannedEntry => {
      const { verifyExcept, ...rest } = base;
      const shared = {
        ...rest,
        path: `/opt/web/${name}`,
        ...(verifyExcept === undefined ? {} : { verifyExcept }),
      };
      const marked = marks === undefined ? {} : { attributes: marks };
      const able = caps === undefined ? {} : { capabilities: caps };
      if (kind === "directory") return { ...shared, kind, mode };
      if (kind === "symlink") return { ...shared, kind, mode: 0o777, target };
      // A ghost may be configuration that a scriptlet writes.
      const isPlain = marks?.includes("config") === true && !marks.includes("missingok");
      if (kind === "ghost") return { ...shared, ...(isPlain ? marked : {}), kind, mode };
      return { ...shared, ...marked, ...able, kind, mode, source: { kind: "text", text } };
    },
  );

/** Other names of a file: before and after it, in the order of paths. */
function hardLinksTo(file: PlannedEntry, folders: readonly string[]): PlannedEntry[] {
  if (file.kind !== "file") return [];
  return folders.map((folder) => ({
    ...hardLink(file.path.replace("/opt/web/", `/opt/${folder}/`), file),
    attributes: folder === "a" ? ["doc"] : [],
  }));
}
const entries = fc
  .uniqueArray(fc.tuple(entry, fc.option(fc.subarray(["a", "b", "zoo"]), { nil: [], freq: 2 })), {
    maxLength: 8,
    selector: ([{ path }]) => path,
  })
  .map((all) =>
    all
      .flatMap(([one, folders]) => [one, ...hardLinksTo(one, folders)])
      .toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))),
  );

const payload = fc.constantFrom<PackagePlan["payload"]>(
  { compressor: "none" },
  { compressor: "gzip", level: 1 },
  { compressor: "gzip", level: 9 },
  { compressor: "zstd", level: 3 },
  { compressor: "zstd", level: 19 },
);

const identity = fc.record(
  {
    name: fc
      .stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._+-]{0,10}$/)
      .filter((one) => !one.includes("..")),
    epoch: fc.integer({ min: 0, max: 99 }),
    version: fc.stringMatching(/^[0-9][A-Za-z0-9._+~^]{0,6}$/).filter((one) => !one.includes("..")),
    release: fc.stringMatching(/^[0-9][A-Za-z0-9._+~^]{0,6}$/).filter((one) => !one.includes("..")),
    arch: fc.constantFrom("noarch", "x86_64"),
    summary: line,
    description: fc.array(line, { minLength: 1, maxLength: 4 }).map((all) => all.join("\n")),
    vendor: line,
    packager: line,
    changelog: fc.array(fc.tuple(line, line), { maxLength: 3 }).map((all) =>
      all.map(([author, text], index) => ({
        timeSeconds: BUILD_TIME_SECONDS - index * DAY_SECONDS,
        author: `x ${author}`,
        text: `- ${text}`,
      })),
    ),
  },
  { requiredKeys: ["name", "version", "release", "arch", "summary", "description", "changelog"] },
);

/** Plans with every feature of a package, alone and together, of what both engines take. */
export const anyPlan: fc.Arbitrary<PackagePlan> = fc
  .record({
    identity,
    payload,
    scriptlets,
    packageTriggers,
    fileTriggers: fc.array(fileTrigger, { maxLength: 4 }),
    entries,
    provides: several(plainRelation),
    requires: several(requirement),
    conflicts: several(richRelation),
    obsoletes: several(plainRelation.filter(({ name }) => !/[(/]/.test(name))),
    recommends: several(fc.oneof(richRelation, conditional)),
    suggests: several(richRelation),
    supplements: several(richRelation),
    enhances: several(richRelation),
  })
  .map(({ identity: who, ...rest }) => packagePlan({ ...rest, ...who }));

import assert from "node:assert/strict";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../../src/errors.ts";
import { type EffectHook, type Effects, openEffects } from "../../../src/lib/journal/effects.ts";
import {
  defineStep,
  describeSteps,
  type Journal,
  openJournal,
  type Operation,
  type StepKinds,
} from "../../../src/lib/journal/journal.ts";
import { testContext } from "../../support/context.ts";
import { countingHook, Killed, killingHook, killPoints } from "../../support/kill-points.ts";
import { temporaryFolder } from "../../support/temporary.ts";

interface Target {
  readonly effects: Effects;
}

interface PutStep {
  readonly kind: "put";
  readonly file: string;
  readonly text: string;
}

interface DropStep {
  readonly kind: "drop";
  readonly file: string;
}

const kinds: StepKinds<Target> = {
  put: defineStep<PutStep, Target>("put", {
    describe: (step) => `write ${step.file}`,
    apply: (step, { effects }) => effects.writeFile(step.file, step.text),
    undo: (step, { effects }) => effects.remove(step.file),
  }),
  drop: defineStep<DropStep, Target>("drop", {
    describe: (step) => `remove ${step.file}`,
    apply: (step, { effects }) => effects.remove(step.file),
    undo: () => Promise.reject(new TypeError("a removal lies behind the commit point")),
  }),
  fail: defineStep<{ readonly kind: "fail" }, Target>("fail", {
    describe: () => "fail",
    apply: () => Promise.reject(new ApplianceError("LIB_IO", "disk: it is full")),
    undo: () => Promise.resolve(),
  }),
};

describe("journal", () => {
  const folder = temporaryFolder({ per: "test" });

  const file = (name: string): string => path.join(folder, name);
  const openAll = (hook: EffectHook = {}): { journal: Journal; target: Target } => {
    const context = testContext();
    const effects = openEffects(context.run, hook);
    const journal = openJournal({ folder: file("journal"), effects, now: context.now });
    return { journal, target: { effects } };
  };
  const run = async (operation: Operation, hook: EffectHook = {}): Promise<void> => {
    const { journal, target } = openAll(hook);
    await journal.run(operation, kinds, { apply: target, undo: target });
  };
  /** Everything there, without the journal's own folder. */
  const found = async (): Promise<Readonly<Record<string, string>>> => {
    const names = (await readdir(folder)).filter((name) => name !== "journal").sort();
    const texts = await Promise.all(names.map((name) => readFile(file(name), "utf8")));
    return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? ""]));
  };

  /** Replaces the old file by two new ones; the old one is deleted after the commit point. */
  const replace = (): Operation => ({
    verb: "replace",
    subject: "vm1",
    steps: [
      { kind: "put", file: file("a"), text: "new a" },
      { kind: "put", file: file("b"), text: "new b" },
      { kind: "drop", file: file("old") },
      { kind: "drop", file: file("old-too") },
    ].map((step) => ({ ...step })),
    commitAfter: 2,
  });
  const before = { old: "1", "old-too": "2" };
  const after = { a: "new a", b: "new b" };
  const prepare = async (): Promise<void> => {
    const { effects } = openAll().target;
    for (const [name, text] of Object.entries(before)) await effects.writeFile(file(name), text);
    for (const name of ["a", "b"]) await effects.remove(file(name));
  };

  it("does the steps in order and leaves no record", async () => {
    await prepare();
    await run(replace());
    assert.deepEqual(await found(), after);
    assert.deepEqual(await readdir(file("journal")), []);
  });

  it("takes no entry of another schema, whatever else it holds", async () => {
    const { journal } = openAll();
    const record = {
      id: "x",
      verb: "put",
      subject: "vm1",
      startedAt: "t",
      begun: 0,
      commitAfter: 0,
    };
    await mkdir(file("journal"));
    for (const schema of [0, 2, "1", null, undefined])
      await writeFile(
        file(`journal/${schema}.json`),
        JSON.stringify({ ...record, steps: [], schema }),
      );
    assert.deepEqual(await journal.pending(), []);
    assert.equal((await journal.unreadable()).length, 5);
    await writeFile(file("journal/1.json"), JSON.stringify({ ...record, steps: [], schema: 1 }));
    assert.equal((await journal.pending()).length, 1);
  });

  it("keeps its folder and records from others", async () => {
    const modes: number[] = [];
    await prepare();
    await run(replace(), {
      before: async (label) => {
        if (!label.startsWith("write") || !label.endsWith("/a")) return;
        const [name = ""] = await readdir(file("journal"));
        for (const place of [file("journal"), path.join(file("journal"), name)])
          modes.push((await stat(place)).mode & 0o777);
      },
    });
    assert.deepEqual(modes, [0o700, 0o600]);
  });

  it("leaves the old or the new wherever it is killed", async () => {
    await prepare();
    const counting = countingHook();
    await run(replace(), counting);
    assert.ok(counting.labels.length >= 10, `${counting.labels.length} changes`);
    const outcomes = new Set<string>();
    for (const { index, side } of killPoints(counting.labels.length)) {
      await prepare();
      const killed = await run(replace(), killingHook(index, side)).catch((e: unknown) => e);
      assert.ok(killed instanceof Error, `${side} ${index}: was not killed`);
      const { journal, target } = openAll();
      const pending = await journal.pending();
      for (const record of pending) await journal.recover(record, kinds, target);
      const state = await found();
      const place = `${side} ${index}`;
      const isOld = JSON.stringify(state) === JSON.stringify(before);
      if (!isOld) assert.deepEqual(state, after, place);
      outcomes.add(isOld ? "old" : "new");
      assert.deepEqual(await journal.pending(), [], place);
    }
    assert.deepEqual([...outcomes].sort(), ["new", "old"]);
  });

  it("recovers also when it is killed while recovering", async () => {
    await prepare();
    const counting = countingHook();
    await run(replace(), counting);
    const commit = counting.labels.findIndex((label) => label.endsWith("/old"));
    for (const start of [commit - 2, commit]) {
      for (const { index, side } of killPoints(6)) {
        await prepare();
        await assert.rejects(run(replace(), killingHook(start, "after")), Error);
        for (const hook of [killingHook(index, side), {}]) {
          const { journal, target } = openAll(hook);
          for (const record of await journal.pending())
            await journal.recover(record, kinds, target).catch((error: unknown) => {
              if (!(error instanceof Killed)) throw error;
            });
        }
        assert.deepEqual(await found(), start === commit ? after : before, `${side} ${index}`);
      }
    }
  });

  it("undoes what was done when a step fails before the commit point", async () => {
    await prepare();
    const operation = replace();
    const steps = [...operation.steps.slice(0, 1), { kind: "fail" }, ...operation.steps.slice(1)];
    await assert.rejects(run({ ...operation, steps, commitAfter: 3 }), { code: "LIB_IO" });
    assert.deepEqual(await found(), before);
    assert.deepEqual(await readdir(file("journal")), []);
  });

  it("keeps the rest for later when a step fails behind the commit point", async () => {
    await prepare();
    const operation = replace();
    const steps = [...operation.steps.slice(0, 3), { kind: "fail" }];
    await assert.rejects(run({ ...operation, steps }), { code: "LIB_JOURNAL_UNFINISHED" });
    const [record] = await openAll().journal.pending();
    assert.equal(record?.begun, 4);
    assert.equal(record.subject, "vm1");
  });

  it("undoes everything when all steps lie before the commit point", async () => {
    await prepare();
    const steps = replace().steps.slice(0, 2);
    const counting = countingHook();
    await run({ ...replace(), steps, commitAfter: 2 }, counting);
    await prepare();
    const last = killingHook(counting.labels.length - 1, "before");
    await assert.rejects(run({ ...replace(), steps, commitAfter: 2 }, last));
    const { journal, target } = openAll();
    const [record] = await journal.pending();
    assert.ok(record !== undefined);
    assert.equal(await journal.recover(record, kinds, target), "undone");
    assert.deepEqual(await found(), before);
  });

  it("hands what a step remembered to its undo, after a kill too", async () => {
    const seen: unknown[] = [];
    const remembering: StepKinds<Target> = {
      note: defineStep<{ readonly kind: "note" }, Target>("note", {
        describe: () => "note",
        apply: async (_step, { effects }, { made, remember }) => {
          seen.push(["apply", made]);
          await remember(`first ${seen.length}`);
          await remember(`second ${seen.length}`);
          await effects.perform("show", () => Promise.resolve());
        },
        undo: (_step, _target, { made }) => Promise.resolve(void seen.push(["undo", made])),
      }),
    };
    const steps = [{ kind: "note" }, { kind: "note" }, { kind: "note" }];
    const operation = { verb: "note", subject: "vm1", steps, commitAfter: 3 };
    const counting = countingHook();
    const first = openAll(counting);
    await first.journal.run(operation, remembering, { apply: first.target, undo: first.target });
    seen.length = 0;
    const shows = counting.labels.flatMap((label, index) => (label === "show" ? [index] : []));
    const dying = openAll(killingHook(shows[1] ?? 0, "before"));
    const targets = { apply: dying.target, undo: dying.target };
    await assert.rejects(dying.journal.run(operation, remembering, targets));
    const { journal, target } = openAll();
    const [record] = await journal.pending();
    assert.ok(record !== undefined);
    seen.length = 0;
    await journal.recover(record, remembering, target);
    assert.deepEqual(seen, [
      ["undo", "second 2"],
      ["undo", "second 1"],
    ]);
  });

  it("can be read while operations come to their end", async () => {
    const { journal, target } = openAll();
    const nothing: StepKinds<Target> = {
      nothing: defineStep<{ readonly kind: "nothing" }, Target>("nothing", {
        describe: () => "nothing",
        apply: () => Promise.resolve(),
        undo: () => Promise.resolve(),
      }),
    };
    const operation = {
      verb: "nothing",
      subject: "vm1",
      steps: [{ kind: "nothing" }],
      commitAfter: 1,
    };
    const working = Promise.all(
      [1, 2, 3, 4].map(async () => {
        for (let n = 0; n < 25; n += 1)
          await journal.run(operation, nothing, { apply: target, undo: target });
      }),
    );
    const over = working.then(() => true);
    while (!(await Promise.race([over, journal.pending().then(() => false)])));
    assert.deepEqual(await journal.pending(), []);
  });

  const damaged = "a damaged journal entry of schema 1, expected one of schema 1";
  const strangers: Readonly<Record<string, readonly [string, string | undefined]>> = {
    "": ["not a journal entry, expected one of schema 1; its subject is unknown", undefined],
    "{}": ["not a journal entry, expected one of schema 1; its subject is unknown", undefined],
    "[]": ["not a journal entry, expected one of schema 1; its subject is unknown", undefined],
    '{"schema":2,"subject":7}': [
      "a journal entry of schema 2, expected one of schema 1; its subject is unknown",
      undefined,
    ],
    '{"schema":2,"subject":"vm7","verb":"update"}': [
      "a journal entry of schema 2, expected one of schema 1; its subject is vm7 (update)",
      "vm7",
    ],
    '{"schema":1,"subject":"vm7"}': [`${damaged}; its subject is vm7`, "vm7"],
    // A count or a step that cannot be read would undo too much, too little, or the wrong thing.
    ...Object.fromEntries(
      [
        { begun: -1 },
        { begun: "1" },
        { commitAfter: 0.5 },
        { steps: [{}] },
        { steps: [{ kind: "define", made: 7 }] },
      ].map((fault) => {
        const names = { verb: "update", subject: "vm7", id: "1", startedAt: "now" };
        const whole = {
          schema: 1,
          ...names,
          begun: 0,
          commitAfter: 1,
          steps: [{ kind: "define" }],
        };
        return [
          JSON.stringify({ ...whole, ...fault }),
          [`${damaged}; its subject is vm7 (update)`, "vm7"],
        ];
      }),
    ),
  };
  for (const [text, [said, subject]] of Object.entries(strangers)) {
    it(`does not take for a record what it did not write: ${text}`, async () => {
      const { journal, target } = openAll();
      const place = path.join(file("journal"), "x.json");
      await target.effects.makeFolder(file("journal"));
      await target.effects.writeFile(place, text);
      assert.deepEqual(await journal.pending(), []);
      const [found] = await journal.unreadable();
      assert.ok(found !== undefined);
      assert.equal(found.subject, subject);
      assert.equal(found.file, place);
      assert.equal(found.error.code, "LIB_JOURNAL_UNKNOWN");
      assert.equal(found.error.message, `${place}: ${said}`);
      assert.match(found.error.hint ?? "", /, then remove the file$/);
    });
  }

  it("describes steps, and names a kind that it does not know", () => {
    assert.deepEqual(describeSteps(replace().steps.slice(2), kinds), [
      `remove ${file("old")}`,
      `remove ${file("old-too")}`,
    ]);
    assert.throws(() => describeSteps([{ kind: "constructor" }], kinds), {
      code: "LIB_JOURNAL_UNKNOWN",
    });
  });
});

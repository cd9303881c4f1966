import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import path from "node:path";
import * as fc from "fast-check";
import type { PackagePlan, Relation } from "../../src/package/index.ts";
import { findMissing } from "../../src/repodata/index.ts";
import { readRpm } from "../../src/rpm/index.ts";
import { buildInto, packagePlan, textFile } from "../fixtures/package-plan.ts";
import { testContext } from "../support/context.ts";
import { newFolderIn, temporaryFolder } from "../support/temporary.ts";

const context = testContext();
const SUBJECTS = 120;

const names = ["a", "b", "c", "d"] as const;
const versions = ["1", "1-1", "1-2", "2", "2~rc1", "2^git", "1:0.5-1", "10-1"] as const;
const comparisons = ["<", "<=", "=", ">=", ">"] as const;

const atoms = fc.oneof(
  fc.constantFrom(...names),
  fc
    .tuple(fc.constantFrom(...names), fc.constantFrom(...comparisons), fc.constantFrom(...versions))
    .map((words) => words.join(" ")),
  fc.constantFrom("/usr/bin/tool-a", "/usr/bin/tool-b", "/etc/tool-c"),
);
const pairs = fc
  .tuple(atoms, fc.constantFrom("and", "or", "with", "without", "if"), atoms)
  .map((words) => `(${words.join(" ")})`);
const dependencies = fc.oneof(
  atoms,
  pairs,
  fc.tuple(atoms, atoms, atoms).map(([a, b, c]) => `(${a} if ${b} else ${c})`),
  fc.tuple(pairs, fc.constantFrom("and", "or"), atoms).map((words) => `(${words.join(" ")})`),
  fc.tuple(pairs, fc.constantFrom("and", "or"), pairs).map((words) => `(${words.join(" ")})`),
);

function relation(text: string): Relation {
  const [name = "", comparison, version] = text.split(" ");
  if (text.startsWith("(") || version === undefined) return { name: text };
  return { name, version, comparison: comparison as "=" };
}

/** A condition may contradict another part of the expression, which only a solver finds. */
const isForced = (text: string): boolean =>
  text.includes(" if ") && (text.startsWith("((") || text.includes(" else "));

const providers = fc.array(
  fc.record({
    provides: fc.array(
      fc.tuple(fc.constantFrom(...names), fc.option(fc.constantFrom(...versions))),
      { minLength: 1, maxLength: 2 },
    ),
    file: fc.option(fc.constantFrom("/usr/bin/tool-a", "/etc/tool-c", "/usr/share/tool")),
  }),
  { minLength: 3, maxLength: 4 },
);

describe("what dnf says of dependencies that nothing provides", function () {
  this.timeout(240_000);
  const folder = temporaryFolder();

  async function build(into: string, plan: Partial<PackagePlan>): Promise<string> {
    return (await buildInto(into, packagePlan(plan))).path;
  }

  /** Fills a repository with packages, and returns the paths of those with dependencies. */
  async function fill(
    into: string,
    set: { readonly from: fc.Arbitrary<string>; readonly seed: number },
  ): Promise<readonly string[]> {
    const [random = []] = fc.sample(providers, { numRuns: 1, seed: set.seed });
    for (const [i, { provides, file }] of random.entries()) {
      await build(into, {
        name: `provider-${i}`,
        provides: provides.map(([name, version]) =>
          version === null ? { name } : { name, comparison: "=", version },
        ),
        entries: file === null ? [] : [textFile(file, `${i}\n`)],
      });
    }
    const texts = fc.sample(set.from, { numRuns: SUBJECTS, seed: set.seed });
    const paths: string[] = [];
    for (const [i, text] of texts.entries()) {
      const kind = i % 2 === 0 ? "requires" : "recommends";
      paths.push(
        await build(into, { name: `subject-${i}`, summary: text, [kind]: [relation(text)] }),
      );
    }
    return paths;
  }

  for (const seed of [1, 2, 3]) {
    it(`is what is said here, for random packages (seed ${seed})`, async () => {
      const repository = await newFolderIn(folder);
      const paths = await fill(repository, { from: dependencies, seed });
      await context.run("createrepo_c", ["--quiet", repository]);
      assert.equal((await readdir(repository)).includes("repodata"), true);
      const script = path.join(import.meta.dirname, "../support/ask-dnf.py");
      const answer = await context.run("/usr/bin/python3", [
        script,
        await newFolderIn(folder),
        repository,
      ]);
      const installs = JSON.parse(answer.stdout) as Record<string, string[] | null>;
      const missingSeen = { requires: 0, recommends: 0 };
      for (const file of paths) {
        const rpm = await readRpm(file);
        const [missing] = await findMissing([rpm], [repository], context);
        assert.ok(missing);
        const { name } = rpm.nevra;
        const text = rpm.header.string("SUMMARY") ?? "";
        const what = `${name}: ${text}: ${JSON.stringify(installs[name])}`;
        const isInstallable = installs[name] !== null;
        if (missing.requires.length > 0) {
          missingSeen.requires += 1;
          assert.equal(isInstallable, false, what);
        } else if (!isForced(text)) assert.equal(isInstallable, true, what);
        // A recommendation never keeps a package out, and brings nothing if it is missing.
        if (missing.recommends.length > 0) {
          missingSeen.recommends += 1;
          // Of a condition with `if`, dnf may install what leaves it unmet.
          if (!text.includes(" if ")) assert.deepEqual(installs[name], [name], what);
        } else if (rpm.header.strings("RECOMMENDNAME").length > 0 && !text.includes(" if ")) {
          assert.ok((installs[name]?.length ?? 0) > 1, what);
        }
      }
      assert.ok(
        missingSeen.requires > 3 && missingSeen.recommends > 3,
        JSON.stringify(missingSeen),
      );
    });
  }
});

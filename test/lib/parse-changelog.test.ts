import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { MAX_CHANGELOG_CHARS, parseChangelog } from "../../src/lib/parse-changelog.ts";
import { assertShort } from "../security/cpu-time.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

const NOON = 12 * 3600;
const day = (text: string): number => Date.parse(`${text}T00:00:00Z`) / 1000 + NOON;

interface Sample {
  readonly what: string;
  readonly text: string;
  /** Lines of the errors; undefined: there is none. */
  readonly errors?: readonly number[];
  readonly warnings?: readonly number[];
  /** What is refused here although rpm takes it, and why. */
  readonly stricter?: string;
}

const samples: readonly Sample[] = [
  {
    what: "two entries",
    text: "* Sat Jan 31 2026 Jane Doe <jane@example.com> - 1.2-3\n- Update\n  more\n\n* Mon Jan 05 2026 B\n- First\n",
  },
  { what: "a day of one digit", text: "* Mon Jan  5 2026 B\n- x" },
  { what: "a time of day", text: "* Mon Jan 05 10:11:12 UTC 2026 B\n- x" },
  { what: "blank lines around", text: "\n\n* Mon Jan 05 2026 B\n\n\n- x\n\n\n" },
  { what: "another day of the week", text: "* Tue Jan 05 2026 B\n- x", warnings: [1] },
  { what: "two of one day", text: "* Mon Jan 05 2026 B\n- x\n* Mon Jan 05 2026 A\n- y" },
  {
    what: "the oldest first",
    text: "* Mon Jan 05 2026 B\n- x\n* Sat Jan 31 2026 A\n- y",
    errors: [3],
  },
  { what: "no name", text: "* Mon Jan 05 2026\n- x", errors: [1] },
  { what: "no text", text: "* Mon Jan 05 2026 B\n", errors: [1] },
  { what: "no such day", text: "* Mon Feb 30 2026 B\n- x", errors: [1], stricter: "rpm counts on" },
  { what: "no such month", text: "* Mon Foo 05 2026 B\n- x", errors: [1] },
  { what: "no entry", text: "- x\n", errors: [1] },
  { what: "text before the first entry", text: "x\n* Mon Jan 05 2026 B\n- x", errors: [1] },
  { what: "a date as of ISO 8601", text: "* 2026-01-05 B\n- x", errors: [1] },
  { what: "a year before rpm", text: "* Sun Jan 05 1975 B\n- x", errors: [1] },
  {
    what: "a control character",
    text: "* Mon Jan 05 2026 B\n- \u001b[31mx",
    errors: [2],
    stricter: "terminals read it",
  },
  { what: "nothing", text: "", errors: [1], stricter: "rpm takes it for none" },
];

describe("a changelog", () => {
  const folder = temporaryFolder();
  /** Returns what rpm reads of it; undefined when it refuses it. */
  async function byRpm(text: string): Promise<string | undefined> {
    const spec = path.join(folder, "x.spec");
    await writeFile(
      spec,
      `Name: x\nVersion: 1\nRelease: 1\nSummary: x\nLicense: x\nBuildArch: noarch\n%description\nx\n%files\n%changelog\n${text}`,
    );
    const format = "[%{CHANGELOGTIME}|%{CHANGELOGNAME}|%{CHANGELOGTEXT}\n]";
    const args = ["-q", "--define", "_changelog_trimtime 0", "--define", "_changelog_trimage 0"];
    const { stdout, stderr } = await testContext().run("rpmspec", [...args, "--qf", format, spec], {
      acceptExitCodes: [1],
    });
    // It says so and ends with 0 all the same.
    return /^error:/m.test(stderr) ? undefined : stdout;
  }

  for (const { what, text, errors = [], warnings = [], stricter } of samples) {
    it(`is read as rpm reads it: ${what}`, async () => {
      const { entries, problems } = parseChangelog(text);
      const linesOf = (severity: string): readonly number[] => [
        ...new Set(problems.filter((each) => each.severity === severity).map(({ line }) => line)),
      ];
      assert.deepEqual(linesOf("error"), errors);
      assert.deepEqual(linesOf("warning"), warnings);
      const theirs = await byRpm(text);
      if (stricter !== undefined) return;
      assert.equal(theirs === undefined, errors.length > 0, "rpm's verdict");
      if (theirs === undefined) return;
      const ours = entries.map((entry) => `${entry.timeSeconds}|${entry.author}|${entry.text}\n`);
      assert.equal(ours.join(""), theirs);
    });
  }

  it("tells everything that is wrong at once, in the order of its lines", () => {
    const text =
      "* Foo\n\n* Mon Jan 05 2026 B\n- x\n* Sat Jan 31 2026 A\n\u0007\n* Mon Feb 30 2026 C\n- z";
    const { problems } = parseChangelog(text);
    assert.deepEqual(
      problems.map(({ line }) => line),
      [1, 1, 5, 6, 7],
    );
  });

  it("is dated at noon, as rpmbuild does", () => {
    const [entry] = parseChangelog("* Mon Jan 05 2026 B\n- x").entries;
    assert.equal(entry?.timeSeconds, day("2026-01-05"));
  });

  it("has an end", () => {
    const texts = [
      "* Mon Jan 05 2026 B\n- x\n".repeat(MAX_CHANGELOG_CHARS / 25),
      "*".repeat(MAX_CHANGELOG_CHARS),
      "* ".repeat(MAX_CHANGELOG_CHARS / 2),
      `* Mon Jan 05 2026${" ".repeat(MAX_CHANGELOG_CHARS - 100)}`,
      "x".repeat(MAX_CHANGELOG_CHARS + 1),
      "\u0001\n".repeat(MAX_CHANGELOG_CHARS / 2),
    ];
    assertShort(() => {
      for (const text of texts) {
        const { problems } = parseChangelog(text);
        assert.ok(problems.length > 0 && problems.length <= 50);
      }
    });
  });
});

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import * as fc from "fast-check";
import { lintKickstart } from "../../src/recipe/kickstart/lint-kickstart.ts";
import { parseKickstart } from "../../src/recipe/kickstart/parse-kickstart.ts";
import { parseRelease } from "../../src/recipe/kickstart/release.ts";
import { askPykickstart, pykickstart, type Verdict } from "../support/pykickstart.ts";
import { everyLine } from "./every-line.ts";

type Question = readonly [release: string, text: string];

async function ask(questions: readonly Question[]): Promise<readonly Verdict[]> {
  return JSON.parse(await askPykickstart(["verdicts"], JSON.stringify(questions)));
}

function ours([release, text]: Question) {
  const { kickstart, problems } = parseKickstart(text, "x.ks");
  const found = [...problems, ...lintKickstart(kickstart, parseRelease(release))];
  return {
    error: found.find(({ severity }) => severity === "error"),
    isUnknown: found.some(({ code }) => code === "option-unknown" || code === "command-unknown"),
    isDeprecated: found.some(({ code }) => code.endsWith("-deprecated")),
  };
}

/** Where we say less than pykickstart, by what it says: how values hang together that we do not look into. */
const lenient: readonly RegExp[] = [
  /^Invalid (btrfs|raid) level/,
  /^Invalid mount point/,
  /hw-passphrase may be specified only/,
  /^Snapshot origin/,
  /^Unsupported realm/,
  /^Missing realm/,
  /^Only --devnum/,
  /argument action: invalid choice/,
  /^Empty string is not a valid activation key/,
  /^ostree repos must use/,
  /cannot both be specified/,
  /^One of --drives or --only-use/,
  /^Members may not be specified for preexisting/,
  /and partition may be specified for driverdisk/,
  /required: .*(--fcplun|--wwpn)/,
  /^One of biospart or partition/,
  // autostep was removed.
  /^unrecognized arguments: x$/,
];

/** Where we say more. */
const strict: readonly RegExp[] = [
  /--luks-version: (expected one of luks1, luks2|luks2-hw-opal)/,
  // Its class is Fedora's in RHEL10, where no Btrfs is either.
  /raid --fstype: btrfs: RHEL10 does not have it/,
  // The installer's own to refuse.
  /mount --reformat: btrfs: RHEL\d+ does not have it/,
  // Without effect since F34 and RHEL9.
  /logging --level: expected one of/,
  // Needed since F34 and RHEL9.
  /updates: 0 words besides options/,
  // Of ignoredisk: deprecated, then gone.
  /only one of --drives, --interactive/,
];

function disagreements(
  questions: readonly Question[],
  verdicts: readonly Verdict[],
): readonly string[] {
  return questions.flatMap((question, index) => {
    const theirs = verdicts[index]?.error ?? undefined;
    const { error, isUnknown, isDeprecated } = ours(question);
    const said = question.join(" ").trim();
    if (error !== undefined && theirs === undefined) {
      const isKnown = strict.some((form) => form.test(error.message));
      return isKnown ? [] : [`${said}: only we say: ${error.message}`];
    }
    if (error === undefined && theirs !== undefined) {
      const isKnown = isUnknown || lenient.some((form) => form.test(theirs.message));
      return isKnown ? [] : [`${said}: only pykickstart says: ${theirs.message}`];
    }
    const theyWarn = (verdicts[index]?.deprecated.length ?? 0) > 0;
    if (error !== undefined || theyWarn === isDeprecated || /=( |$)/m.test(said)) return [];
    return [`${said}: only ${isDeprecated ? "we say" : "pykickstart says"} that it is deprecated`];
  });
}

const releases = ["F40", "F45", "RHEL8", "RHEL9", "RHEL10"];

/** The results are recorded in installers.txt and in the table of parse-kickstart.test.ts. */
if (pykickstart !== undefined) {
  describe("the linter beside pykickstart", () => {
    for (const release of releases) {
      it(`agrees about every command and option, for ${release}`, async function () {
        this.timeout(600_000);
        const parsed = parseRelease(release);
        assert.ok(parsed);
        const questions = everyLine(parsed).map((line): Question => [release, line]);
        assert.deepEqual(disagreements(questions, await ask(questions)), []);
      });
    }

    it("agrees about lines put together at random", async function () {
      this.timeout(600_000);
      const lines = everyLine({ family: "RHEL", number: 9 });
      const texts = fc.sample(
        fc.array(fc.constantFrom(...lines, "# x\n", "%post\ntrue\n%end\n", "%pre\n"), {
          maxLength: 2,
        }),
        { numRuns: 500, seed: 7 },
      );
      const questions = texts.map((each): Question => ["RHEL9", each.join("")]);
      const known = disagreements(questions, await ask(questions)).filter(
        (text) => !/only pykickstart says: .*(already|conflict|multiple|defined|both)/i.test(text),
      );
      assert.deepEqual(known, []);
    });

    it("pykickstart accepts composed and shipped kickstarts", async () => {
      const folder = path.join(import.meta.dirname, "../../spec-templates/host/kickstarts");
      const shipped = await readdir(folder);
      const files = [
        path.join(import.meta.dirname, "../golden/recipe/web.ks"),
        ...shipped.filter((name) => name.endsWith(".ks")).map((name) => path.join(folder, name)),
      ];
      const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
      const questions = texts.flatMap((text) =>
        ["F40", "F45", "RHEL9", "RHEL10"].map((release): Question => [release, text]),
      );
      const found = (await ask(questions)).map(({ error }) => error);
      assert.deepEqual(
        found.filter((error) => error !== null),
        [],
      );
    });
  });
}

import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { makeDigestInputs } from "./digest-inputs.ts";
import { makeReadText, ROOT } from "./read-text.ts";
import { runChapter } from "./run-chapter.ts";
import {
  type Chapter,
  END_LIMIT_SECONDS,
  mayStart,
  parsePassed,
  planChapters,
  type PlannedChapter,
  renderPassed,
} from "./slow-chapters.ts";
import { trackedFiles } from "./tracked-files.ts";

// usage: run-slow.ts --changed | --all | --list [FILE..]
// --changed runs the slow chapters whose inputs have changed since they passed, the cheapest first, while there is time;
// --all runs every chapter, however long it takes; --list only names those changed. FILE..: the chapters to choose from.
const RECORD = path.join(ROOT, "test/slow/passed.txt");
const [option, ...chosen] = process.argv.slice(2);

const readRecord = (): ReturnType<typeof parsePassed> => parsePassed(readFileSync(RECORD, "utf8"));

/** Seconds since the machine started: no change of the clock moves it. */
function uptimeSeconds(): number {
  return Number.parseFloat(readFileSync("/proc/uptime", "utf8"));
}

/** Start of the whole run that this is a part of: TEST_STARTED, in seconds since the machine started. */
const startedSeconds = Number(process.env["TEST_STARTED"] ?? uptimeSeconds());
const elapsedSeconds = (): number => uptimeSeconds() - startedSeconds;

async function chapters(files: readonly string[]): Promise<readonly Chapter[]> {
  const digest = makeDigestInputs(trackedFiles(), makeReadText());
  return Promise.all(files.map(async (file) => ({ file, digest: await digest(file) })));
}

async function plan(): Promise<readonly PlannedChapter[]> {
  const slow = trackedFiles().filter((file) => /^test\/slow\/.*\.test\.ts$/.test(file));
  const files = chosen.length === 0 ? slow : slow.filter((file) => chosen.includes(file));
  const which = option === "--all" ? "all" : "changed";
  return planChapters(await chapters(files), readRecord(), which);
}

/** Records at once that a chapter passed, because a later one may be interrupted; not if its inputs changed meanwhile. */
async function record({ file, digest }: Chapter, seconds: number): Promise<void> {
  const [now] = await chapters([file]);
  if (now?.digest !== digest) {
    console.log(`${file}: its inputs changed while it ran; not recorded`);
    return;
  }
  const tracked = trackedFiles();
  const kept = [...readRecord()].filter(([name]) => tracked.includes(name));
  writeFileSync(RECORD, renderPassed(new Map([...kept, [file, { digest, seconds }]])));
}

function noteFailure(text: string): void {
  console.log(text);
  const file = process.env["TEST_FAILURES"];
  if (file !== undefined) appendFileSync(file, `${text}\n`);
}

async function run(planned: readonly PlannedChapter[]): Promise<void> {
  const left: string[] = [];
  for (const chapter of planned) {
    const isLimited = option !== "--all";
    if (isLimited && !mayStart(chapter, elapsedSeconds())) {
      left.push(chapter.file);
      continue;
    }
    const expected = chapter.expectedSeconds;
    console.log(`\n-- ${chapter.file}${expected === undefined ? "" : `, ${expected} s last time`}`);
    const limitSeconds = isLimited ? END_LIMIT_SECONDS - elapsedSeconds() : Infinity;
    const { hasPassed, isLate, seconds } = await runChapter(chapter.file, limitSeconds * 1000);
    if (hasPassed) await record(chapter, seconds);
    else process.exitCode = 1;
    if (isLate) noteFailure(`${chapter.file}: ended at the time limit, after ${seconds} s`);
  }
  if (left.length > 0) console.log(`\nleft to make test-all: ${left.join(" ")}`);
}

const planned = await plan();
if (option === "--list") for (const { file } of planned) console.log(file);
else await run(planned);

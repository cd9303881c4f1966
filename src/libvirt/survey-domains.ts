import { trimEndOf } from "../lib/trim-end.ts";
import type { DomainDump, DomainFailure, DomainSurvey, SurveyOptions } from "./libvirt.ts";
import { linesOf } from "./virsh.ts";
import { outputOf, type VirshAnswer, type VirshBatch, type VirshCommand } from "./virsh-batch.ts";

/** Maximum number of rounds to find domains that were defined, or redefined with another UUID, during the survey. */
const ROUNDS = 3;

/** Existing domains, by UUID: virsh cannot take a UUID for another domain, and a UUID does not change. */
interface Listed {
  readonly all: readonly string[];
  readonly active: ReadonlySet<string>;
  /** Returns whether a domain has snapshots; true for all domains if libvirt does not report it. */
  readonly hasSnapshots: (uuid: string) => boolean;
}

async function list(batch: VirshBatch): Promise<Listed> {
  const [all, active, snapshots] = await batch([
    ["list", "--all", "--uuid"],
    ["list", "--uuid"],
    ["list", "--all", "--with-snapshot", "--uuid"],
  ]);
  const some =
    snapshots !== undefined && "output" in snapshots
      ? new Set(linesOf(snapshots.output))
      : undefined;
  return {
    all: linesOf(outputOf(all)),
    active: new Set(linesOf(outputOf(active))),
    hasSnapshots: (uuid) => some?.has(uuid) !== false,
  };
}

/** A query about a domain; there is one `snapshot` query for each of its snapshots. */
interface Question {
  readonly uuid: string;
  readonly part: "name" | "next" | "live" | "snapshot names" | "snapshot";
  readonly command: VirshCommand;
}

interface Answer extends Question {
  readonly answer: VirshAnswer;
}

async function ask(
  batch: VirshBatch,
  questions: readonly Question[],
  options: SurveyOptions,
): Promise<readonly Answer[]> {
  if (questions.length === 0) return [];
  const total = questions.length;
  let done = 0;
  const answers = await batch(
    questions.map(({ command }) => command),
    (count) => {
      done += count;
      options.onProgress?.({ done, total });
    },
  );
  return questions.flatMap((question, index) => {
    const answer = answers[index];
    return answer === undefined ? [] : [{ ...question, answer }];
  });
}

function questionsFor(uuid: string, listed: Listed, { depth }: SurveyOptions): Question[] {
  const domain = ["--domain", uuid] as const;
  const questions: Question[] = [
    { uuid, part: "name", command: ["domname", ...domain] },
    { uuid, part: "next", command: ["dumpxml", "--inactive", ...domain] },
  ];
  if (depth === "next start") return questions;
  if (listed.active.has(uuid))
    questions.push({ uuid, part: "live", command: ["dumpxml", ...domain] });
  if (listed.hasSnapshots(uuid)) {
    const command: VirshCommand = ["snapshot-list", ...domain, "--name"];
    questions.push({ uuid, part: "snapshot names", command });
  }
  return questions;
}

function snapshotQuestions({ uuid, part, answer }: Answer): readonly Question[] {
  if (part !== "snapshot names" || "error" in answer) return [];
  return linesOf(answer.output).map((name) => ({
    uuid,
    part: "snapshot",
    command: ["snapshot-dumpxml", "--domain", uuid, "--snapshotname", name],
  }));
}

/** Result of reading one domain. */
type Outcome = { readonly dump: DomainDump } | DomainFailure;

function judge(uuid: string, answers: readonly Answer[], isActive: boolean): Outcome {
  const outputs = (part: Question["part"]): readonly string[] =>
    answers.flatMap(({ part: each, answer }) =>
      each === part && "output" in answer ? [answer.output] : [],
    );
  // A name contains no line end, so all of those at the end of the output are virsh's.
  const [name = uuid] = outputs("name").map((printed) => trimEndOf(printed, "\n"));
  const [error] = answers.flatMap(({ answer }) => ("error" in answer ? [answer.error] : []));
  const [xml] = outputs("next");
  if (error !== undefined)
    return { domain: name, error, definition: xml === undefined ? undefined : { uuid, xml } };
  // If the domain has stopped since it was listed, this is the XML of its next start, without an id.
  const liveXml = outputs("live").find((each) => /^\s*<domain\b[^>]*\sid=/.test(each));
  const snapshots = outputs("snapshot");
  return { dump: { name, uuid, isActive, xml: xml ?? "", liveXml, snapshots } };
}

async function readSome(
  batch: VirshBatch,
  listed: Listed,
  options: SurveyOptions & { readonly uuids: readonly string[] },
): Promise<readonly Outcome[]> {
  const questions = options.uuids.flatMap((uuid) => questionsFor(uuid, listed, options));
  const first = await ask(batch, questions, options);
  const second = await ask(batch, first.flatMap(snapshotQuestions), options);
  const byDomain = new Map<string, Answer[]>();
  for (const answer of [...first, ...second]) {
    const known = byDomain.get(answer.uuid);
    if (known === undefined) byDomain.set(answer.uuid, [answer]);
    else known.push(answer);
  }
  return options.uuids.map((uuid) =>
    judge(uuid, byDomain.get(uuid) ?? [], listed.active.has(uuid)),
  );
}

function byName(a: DomainDump, b: DomainDump): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}

/** Reads all domains at once; see `Libvirt.surveyDomains`. */
export async function surveyDomains(
  batch: VirshBatch,
  options: SurveyOptions,
): Promise<DomainSurvey> {
  const outcomes = new Map<string, Outcome>();
  for (let round = 1; round <= ROUNDS; round += 1) {
    const listed = await list(batch);
    const isGone = (outcome: Outcome | undefined): boolean =>
      outcome !== undefined && "error" in outcome && outcome.error.code === "LIBVIRT_UNKNOWN";
    for (const [uuid, outcome] of outcomes)
      if (isGone(outcome) && !listed.all.includes(uuid)) outcomes.delete(uuid);
    const uuids = listed.all.filter((uuid) => !outcomes.has(uuid));
    const found = await readSome(batch, listed, { ...options, uuids });
    for (const [index, uuid] of uuids.entries()) {
      const outcome = found[index];
      if (outcome !== undefined) outcomes.set(uuid, outcome);
    }
    // A missing domain may exist again with another UUID.
    if (!found.some(isGone)) break;
  }
  const all = [...outcomes.values()];
  return {
    domains: all.flatMap((each) => ("dump" in each ? [each.dump] : [])).sort(byName),
    failures: all.flatMap((each) => ("error" in each ? [each] : [])),
  };
}

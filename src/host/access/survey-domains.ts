import type { ProgressTask } from "../../lib/context.ts";
import type { DomainSurvey, SurveyOptions } from "../../libvirt/index.ts";
import type { HostAccess } from "./host-access.ts";

/** The host whose domains are read, and the progress display. */
export interface DomainSource {
  readonly libvirt: HostAccess["libvirt"];
  readonly context: Pick<HostAccess["context"], "progress">;
}

/** Reads all domains of a host at once, and shows the progress. */
export async function surveyDomains(
  { libvirt, context }: DomainSource,
  depth: SurveyOptions["depth"],
): Promise<DomainSurvey> {
  let task: ProgressTask | undefined;
  let last = { done: 0, total: 0 };
  const onProgress: SurveyOptions["onProgress"] = (state) => {
    if (task === undefined || state.total !== last.total || state.done < last.done) {
      task?.done();
      task = context.progress.start("reading domains", { count: state.total, of: "answers" });
      last = { done: 0, total: state.total };
    }
    task.advance(state.done - last.done);
    last = state;
  };
  try {
    return await libvirt.surveyDomains({ depth, onProgress });
  } finally {
    task?.done();
  }
}

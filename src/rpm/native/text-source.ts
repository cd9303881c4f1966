/** Facts about a staged file that texts can quote. */
export interface StagedFacts {
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

const PLACEHOLDER = /@(SHA256|BYTES)\((\/[^()@\n]*)\)@/g;

/** Answers the absolute paths of the packaged files that a text quotes a fact of. */
export function quotedPaths(text: string): readonly string[] {
  return Array.from(text.matchAll(PLACEHOLDER), (match) => match[2] ?? "");
}

/** Answers a text with every placeholder filled in; see `FileSource` in the plan. */
export function fillPlaceholders(text: string, factsOf: (path: string) => StagedFacts): string {
  return text.replace(PLACEHOLDER, (_, kind: string, path: string) => {
    const facts = factsOf(path);
    return kind === "SHA256" ? facts.sha256 : String(facts.sizeBytes);
  });
}

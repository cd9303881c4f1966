/** Facts about a staged file for templates. */
export interface StagedFacts {
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

const PLACEHOLDER = /@(SHA256|BYTES)\((\/[^()@\n]*)\)@/g;

/** Returns the absolute paths of the packaged files that a template quotes. */
export function quotedPaths(template: string): readonly string[] {
  return Array.from(template.matchAll(PLACEHOLDER), (match) => match[2] ?? "");
}

/** Fills in every placeholder of a template; see `FileSource` in the plan. */
export function fillTemplate(template: string, factsOf: (path: string) => StagedFacts): string {
  return template.replace(PLACEHOLDER, (_, kind: string, path: string) => {
    const facts = factsOf(path);
    return kind === "SHA256" ? facts.sha256 : String(facts.sizeBytes);
  });
}

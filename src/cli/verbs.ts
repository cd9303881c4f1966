import type { Verb } from "./verb.ts";

/** A verb as the overview lists it; its module is loaded only when it is asked for. */
export interface VerbEntry {
  readonly name: string;
  readonly describe: string;
  readonly load: () => Promise<{ readonly verb: Verb }>;
}

/** Every verb, in the order of the overview. */
export const verbs: readonly VerbEntry[] = [];

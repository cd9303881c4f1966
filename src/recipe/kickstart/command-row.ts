import type { From, OptionTable } from "./value-type.ts";

/**
 * Who may use a command: the builder of the recipe, the site where the VM runs, both, or neither because it means nothing
 * in a virtual machine that installs itself.
 */
export type UsableBy = "builder" | "site" | "both" | "neither";

/** What several statements of one command come to when documents are joined. */
export type Combination =
  /** One statement holds; two that differ clash. */
  | { readonly kind: "once" }
  /** Each stands for itself; two of one key clash. Without a key, nothing clashes. */
  | { readonly kind: "each"; readonly key: "first-word" | readonly string[] | undefined }
  /** Lists are joined; an item in two different lists clashes. */
  | { readonly kind: "joined" };

/** Something that a command must be told: by one of these options, or by so many words. */
export interface Need {
  readonly options: readonly string[];
  readonly words?: number;
  /** Whether the options exclude each other. */
  readonly exclusive?: true;
}

/** One command that installers know, or knew. */
export interface CommandRow {
  readonly name: string;
  /**
   * The row's source: module and class of pykickstart (`pykickstart/commands/`) that reads it, in the newest release
   * that knows it or says that it is gone.
   */
  readonly source: string;
  readonly usableBy: UsableBy;
  readonly combine: Combination;
  readonly options: OptionTable;
  /** How many words there are besides options. */
  readonly words: { readonly least: number; readonly most: number; readonly secret?: boolean };
  /** What there must be besides required options, each with several ways to say it. */
  readonly needs?: readonly Need[];
  /** Options that are nothing without one of others. */
  readonly requires?: Readonly<Record<string, readonly string[]>>;
  /** Values of options that cannot be: at all, or beside another option. */
  readonly excludes?: readonly {
    readonly option: string;
    readonly value: string;
    readonly beside?: string;
  }[];
  /** First words that some releases do not take any more, by what they begin with. */
  readonly firstWords?: Readonly<Record<string, { readonly removed: From }>>;
  /** Several names of one thing, of which only one may be used: `reboot`, `poweroff`. */
  readonly group?: string;
  /** Whether what stands in it must not be checked: an add-on's own syntax. */
  readonly free?: boolean;
  readonly since?: From;
  readonly deprecated?: From;
  readonly removed?: From;
  /** From when on installers read it and make nothing, so that what counts on it fails. */
  readonly ineffective?: From;
}

type Extra = Partial<Omit<CommandRow, "name" | "source" | "usableBy" | "options">>;

export const once: Combination = { kind: "once" };
export const joined: Combination = { kind: "joined" };
export const each: Combination = { kind: "each", key: undefined };
export const eachFirstWord: Combination = { kind: "each", key: "first-word" };

/** Returns the combination of commands that are told apart by an option's value, the first that is there. */
export function eachBy(...options: readonly string[]): Combination {
  return { kind: "each", key: options };
}

/** Returns a row; a command stands once and takes no words besides options unless told. */
export function row(
  name: string,
  source: string,
  usableBy: UsableBy,
  details: { readonly options?: OptionTable } & Extra = {},
): CommandRow {
  const defaults = { combine: once, options: {}, words: { least: 0, most: 0 } };
  return { name, source, usableBy, ...defaults, ...details };
}

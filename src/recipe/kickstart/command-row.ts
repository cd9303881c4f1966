import type { From, OptionTable } from "./value-type.ts";

/**
 * Who may use a command: the builder of the recipe, the site where the VM runs, both, or neither because the command
 * has no effect in an unattended installation of a VM.
 */
export type UsableBy = "builder" | "site" | "both" | "neither";

/** How several statements of one command are joined. */
export type Combination =
  /** The command may appear once. Two different statements conflict. */
  | { readonly kind: "once" }
  /** The command may appear several times. Two statements with one key conflict; without a key, none do. */
  | { readonly kind: "each"; readonly key: "first-word" | readonly string[] | undefined }
  /** Lists are joined. An item in two contradicting lists is a conflict. */
  | { readonly kind: "joined" };

/** A requirement of a command: one of these options, or this number of words. */
export interface Need {
  readonly options: readonly string[];
  readonly words?: number;
  /** Whether the options exclude each other. */
  readonly exclusive?: true;
}

/** One command that installers support or used to support. */
export interface CommandRow {
  readonly name: string;
  /**
   * The row's source: the module and class of pykickstart (`pykickstart/commands/`) that read the command, of the
   * newest release that supports it or marks it as removed.
   */
  readonly source: string;
  readonly usableBy: UsableBy;
  readonly combine: Combination;
  readonly options: OptionTable;
  /** Minimum and maximum number of words besides options. */
  readonly words: { readonly least: number; readonly most: number; readonly secret?: boolean };
  /** Requirements besides required options, each with alternatives. */
  readonly needs?: readonly Need[];
  /** Options that require one of other options. */
  readonly requires?: Readonly<Record<string, readonly string[]>>;
  /** Values of options that are invalid: always, or beside another option. */
  readonly excludes?: readonly {
    readonly option: string;
    readonly value: string;
    readonly beside?: string;
  }[];
  /** First words that some releases no longer accept, by their prefix. */
  readonly firstWords?: Readonly<Record<string, { readonly removed: From }>>;
  /** Name of a group of commands, of which only one may be used: `reboot`, `poweroff`. */
  readonly group?: string;
  /** Whether the arguments are not checked, for example because another program parses them. */
  readonly free?: boolean;
  readonly since?: From;
  readonly deprecated?: From;
  readonly removed?: From;
  /** First releases that accept the command but create nothing, so that commands which depend on it fail. */
  readonly ineffective?: From;
}

type Extra = Partial<Omit<CommandRow, "name" | "source" | "usableBy" | "options">>;

export const once: Combination = { kind: "once" };
export const joined: Combination = { kind: "joined" };
export const each: Combination = { kind: "each", key: undefined };
export const eachFirstWord: Combination = { kind: "each", key: "first-word" };

/** Returns the combination of commands whose key is the value of an option. Alternative options may be given. */
export function eachBy(...options: readonly string[]): Combination {
  return { kind: "each", key: options };
}

/** Returns a row. Default: the command may appear once and takes no words besides options. */
export function row(
  name: string,
  source: string,
  usableBy: UsableBy,
  details: { readonly options?: OptionTable } & Extra = {},
): CommandRow {
  const defaults = { combine: once, options: {}, words: { least: 0, most: 0 } };
  return { name, source, usableBy, ...defaults, ...details };
}

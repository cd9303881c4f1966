import { commandRow } from "../kickstart/command-table.ts";
import { commandArguments } from "../kickstart/lint-kickstart.ts";
import type { CommandItem } from "../kickstart/model.ts";
import type { ParameterValues } from "./fill-parameters.ts";
import type { Author, Statement } from "./statement.ts";

const PLACEHOLDER = /@@([a-z][a-z0-9_]*)@@/g;

/** Tells whether a value is of parameters alone, with nothing but punctuation between them. */
function isAsked(value: string): boolean {
  return value.search(PLACEHOLDER) !== -1 && !/[\p{L}\p{N}]/u.test(value.replace(PLACEHOLDER, ""));
}

/**
 * Tells whether a command of the builder's asks for all that is the site's in it: every value is a parameter's. Flags, and
 * options that choose from a fixed few, are the command's form.
 */
function asks(item: CommandItem): boolean {
  const { options, words } = commandArguments(item);
  const free = options.flatMap(({ value, row }) =>
    value === undefined || row?.type.kind === "choice" || row?.type.kind === "boolean"
      ? []
      : [value],
  );
  const values = [...free, ...words.map(({ value }) => value)];
  return values.length > 0 && values.every(isAsked);
}

/**
 * Returns whose a statement of the recipe is, before it is filled: a command that is the site's to say may stand there
 * when it asks the site for its values. It is the site's then, and says whether a parameter was given a value.
 */
export function authorInRecipe(
  { item, author }: Statement,
  { values }: Pick<ParameterValues, "values">,
): Author {
  if (author !== "builder" || item.kind !== "command") return author;
  if (commandRow(item.name)?.usableBy !== "site" || !asks(item)) return author;
  const names = [...item.text.matchAll(PLACEHOLDER)].map(([, name]) => name);
  const isDefault = names.every(
    (name) => values.find(({ parameter }) => parameter.name === name)?.origin === "default",
  );
  return isDefault ? "default" : "given";
}

import { commandRow } from "../kickstart/command-table.ts";
import { commandArguments } from "../kickstart/lint-kickstart.ts";
import type { CommandItem } from "../kickstart/model.ts";
import type { ParameterValues } from "./fill-parameters.ts";
import type { Author, Statement } from "./statement.ts";

const PLACEHOLDER = /@@([a-z][a-z0-9_]*)@@/g;

/** Returns whether a value consists of placeholders, with only punctuation and white space around them. */
function isAsked(value: string): boolean {
  return value.search(PLACEHOLDER) !== -1 && !/[\p{L}\p{N}]/u.test(value.replace(PLACEHOLDER, ""));
}

/**
 * Returns whether a command of the builder takes every value from a parameter. Flags, booleans and options with a fixed
 * set of values are not counted.
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
 * Returns the author of a statement in the recipe, before its placeholders are filled. The builder may use a command
 * that only the site may set, if every value is a parameter. The author is then `default` if all these parameters have
 * their defaults, else `given`.
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

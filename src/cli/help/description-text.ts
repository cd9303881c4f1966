import type { OptionDescription } from "./describe-command.ts";

/** Returns the description of an option, with its default, for the manual page and the reference. */
export function optionText(option: OptionDescription): string {
  const { describe, isRequired, isRepeatable, defaultValue, isOn } = option;
  const facts = [
    ...(isRequired ? ["required"] : []),
    ...(isRepeatable ? ["may be given more than once"] : []),
    ...(defaultValue === undefined ? [] : [`default: ${defaultValue}`]),
  ];
  // The description says what the switch does when it is on, but these pages list --no-NAME.
  const text = isOn ? `do not ${describe}` : describe;
  return facts.length === 0 ? text : `${text} (${facts.join("; ")})`;
}

/** Returns a description as a sentence. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

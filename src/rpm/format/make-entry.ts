import { type HeaderEntry, isIntegerType } from "./header.ts";
import { type HeaderKind, tagDefinition, type TagName } from "./tags.ts";

/** Makes the entries of one kind of header from the names of their tags. */
export interface EntryMakers<Kind extends HeaderKind> {
  /** One string, even for a tag that may hold several: rpm writes programs of scriptlets this way. */
  text(tag: TagName<Kind>, value: string): HeaderEntry;
  texts(tag: TagName<Kind>, values: readonly string[]): HeaderEntry;
  integers(tag: TagName<Kind>, values: readonly number[]): HeaderEntry;
  bytes(tag: TagName<Kind>, value: Uint8Array): HeaderEntry;
}

function makersFor<Kind extends HeaderKind>(kind: Kind): EntryMakers<Kind> {
  return {
    text(name, value): HeaderEntry {
      const { number, type } = tagDefinition(kind, name);
      return type === "I18NSTRING"
        ? { tag: number, type, value: [value] }
        : { tag: number, type: "STRING", value };
    },
    texts: (name, value) => ({
      tag: tagDefinition(kind, name).number,
      type: "STRING_ARRAY",
      value,
    }),
    integers(name, value): HeaderEntry {
      const { number, type } = tagDefinition(kind, name);
      if (!isIntegerType(type)) throw new TypeError(`tag ${name} holds ${type}`);
      return { tag: number, type, value };
    },
    bytes: (name, value) => ({ tag: tagDefinition(kind, name).number, type: "BIN", value }),
  };
}

/** Makes entries of the main header. */
export const mainEntry: EntryMakers<"main"> = makersFor("main");

/** Makes entries of the signature header. */
export const signatureEntry: EntryMakers<"signature"> = makersFor("signature");

/** The headers of an RPM. */
export type {
  EncodedEntry,
  HeaderKind,
  Lead,
  Nevra,
  RpmHeader,
  RpmPackage,
  SignatureTag,
  TagName,
  TagType,
} from "../../rpm/index.ts";

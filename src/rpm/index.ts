export { buildRpm } from "./native/build-rpm.ts";
export type { BuildFolders, BuiltRpm } from "./native/build-rpm.ts";
export { readRpm } from "./read.ts";
export type { Nevra, RpmPackage } from "./read.ts";
export { replaceSignatures } from "./replace-signatures.ts";
export type { HeaderSignature, SignatureTag } from "./replace-signatures.ts";
export type { RpmHeader } from "./rpm-header.ts";
export type { HeaderKind, TagName } from "./format/tags.ts";

/** Recipes: kickstarts, parameters and Puppet modules, parsed, joined and rendered. Nothing here reads or writes. */
export { composeKickstart } from "./compose/compose.ts";
export type { ComposedKickstart, ComposeInput } from "./compose/compose.ts";
export type { ParameterValues } from "./compose/fill-parameters.ts";
export { lintKickstart } from "./kickstart/lint-kickstart.ts";
export type * from "./kickstart/model.ts";
export { parseKickstart } from "./kickstart/parse-kickstart.ts";
export type { ParsedKickstart } from "./kickstart/parse-kickstart.ts";
export { parseRelease } from "./kickstart/release.ts";
export { layerOfArguments, parseLayer } from "./parameters/parameter-layer.ts";
export type { ParsedLayer } from "./parameters/parameter-layer.ts";
export { parseParameters } from "./parameters/parse-parameters.ts";
export type * from "./parameters/model.ts";
export { resolveParameters } from "./parameters/resolve-parameters.ts";
export type { ResolvedParameters } from "./parameters/resolve-parameters.ts";

/** A KVM host: its installed appliances and its VMs. */
export { describeMatch, describeOperation, openHost } from "../host/index.ts";
export { withStagedAppliance } from "../pipeline/index.ts";
export type * from "../host/index.ts";
export type { ImageRequest } from "../image/index.ts";
export type { PackageOptions } from "../package/index.ts";
export type { BuildOptions, StagedAppliance } from "../pipeline/index.ts";
export type {
  LayerValue,
  ParameterLayer,
  ParameterValue,
  RecipeParameter,
} from "../recipe/index.ts";
export type { EngineChoice, RpmEngineName, RpmFormat, SpecTemplate } from "../rpm/index.ts";
export type { SignatureDates, Signer, TargetName } from "../sign/index.ts";
export type * from "./types/appliance.ts";
export type * from "./types/context.ts";
export type * from "./types/package-plan.ts";

export type { DocumentationFile } from "./appliance-entries.ts";
export { planNaming, planPackage } from "./appliance-package.ts";
export type { PackageOptions, PlanInput } from "./appliance-package.ts";
export { hostLayout } from "./host-layout.ts";
export { shippedFileName } from "./naming.ts";
export type { PackageNaming } from "./naming.ts";
export type * from "./package-plan.ts";
export type { ShippedDisk, ShippedFile, ShippedUnpack } from "./shipped-file.ts";

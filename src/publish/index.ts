export { applyPublish } from "./apply-publish.ts";
export { openDirectoryStore } from "./directory-store.ts";
export * as layout from "./layout.ts";
export { openMemoryStore } from "./memory-store.ts";
export { planPublish } from "./plan-publish.ts";
export { readPublishState } from "./publish-state.ts";
export type { PublishPlan, PublishStep, PublishWish, Retention } from "./plan-publish.ts";
export type { Generation, PublishState } from "./publish-state.ts";
export type { StagedFile, Store } from "./store.ts";

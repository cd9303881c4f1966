export { checkRepository, type RepositoryCheck } from "./check-repository.ts";
export { initRepository, type NewRepository } from "./init-repository.ts";
export { listRepository, type RepositoryList } from "./list-repository.ts";
export { type ReleaseOptions, releaseRepo } from "./release.ts";
export type { ReleaseResult, ReleaseRequest } from "./plan-release.ts";
export { repairRepository } from "./repair-repository.ts";
export { readRepository, type RepositoryConfig } from "./repository-config.ts";

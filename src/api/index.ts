/** The main functions of the library. `virt-appliance/rpm`, `/sign`, `/repodata` and `/host` have the others. */
export { ApplianceError, errorCodes } from "../errors.ts";
export { compareEvr, parseEvr } from "../lib/evr.ts";
export {
  matchHost,
  parseDescriptor,
  renderDescriptor,
  validateAppliance,
} from "../appliance/index.ts";
export { initAppliance } from "../draft/index.ts";
export { inspectSource, packDirectory, unpackSource } from "../source/index.ts";
export { buildAppliance, buildFiles, buildRecipe } from "../pipeline/index.ts";
export { readRpm } from "../rpm/index.ts";
export { generateKey, openSigner, readKeyring, signRpm, verifyRpm } from "../sign/index.ts";
export {
  checkRepository,
  initRepository,
  listRepository,
  releaseRepo,
  repairRepository,
} from "../repository/index.ts";
export { createContext } from "./create-context.ts";
export type {
  HostCapabilities,
  HostGuest,
  HostMatch,
  ParsedDescriptor,
} from "../appliance/index.ts";
export type { Draft, DraftNote, InitOptions } from "../draft/index.ts";
export type { ImageRequest } from "../image/index.ts";
export type { Evr, Ordering } from "../lib/evr.ts";
export type { Lock, LockOptions } from "../lib/lock.ts";
export type {
  Capabilities,
  DomainDump,
  DomainEntry,
  DomainFacts,
  DomainFailure,
  DomainSurvey,
  GuestCapabilities,
  GuestFeature,
  Libvirt,
  Network,
  Pool,
  SurveyOptions,
  UndefineOptions,
  Volume,
} from "../libvirt/index.ts";
export type {
  BuildOptions,
  BuildResult,
  FilesBuild,
  RecipeBuildOptions,
} from "../pipeline/index.ts";
export type { FilesPackage, PackageOptions, PackagedFile } from "../package/index.ts";
export type {
  PublishPlan,
  PublishStep,
  ReadOptions,
  Retention,
  StageOptions,
  StagedFile,
  Store,
  StoreLockOptions,
  StorePlace,
  StoreReader,
  SwitchedFile,
} from "../publish/index.ts";
export type {
  BlankItem,
  CommandItem,
  IncludeItem,
  Kickstart,
  KickstartItem,
  SectionItem,
  Word,
} from "../recipe/index.ts";
export type { PackageSummary } from "../repodata/index.ts";
export type {
  NewRepository,
  ReleaseOptions,
  ReleaseRequest,
  ReleaseResult,
  RepositoryCheck,
  RepositoryList,
} from "../repository/index.ts";
export type {
  BuiltRpm,
  EngineChoice,
  RpmEngineName,
  RpmFormat,
  SpecTemplate,
} from "../rpm/index.ts";
export type {
  Check,
  CheckStatus,
  CheckSubject,
  DeviationCode,
  GeneratedKey,
  KeyFacts,
  KeyRequest,
  Keyring,
  PackageContent,
  PassphraseSource,
  PackageSignature,
  RpmVerification,
  SignOptions,
  SignatureDates,
  SignedRpm,
  Signer,
  SignerRequest,
  SubkeyFacts,
  TargetName,
  Tolerance,
  VerifyOptions,
} from "../sign/index.ts";
export type {
  InspectedFile,
  Inspection,
  PackOptions,
  PackResult,
  Source,
  SourceFile,
  SourceKindName,
  SourceLimits,
} from "../source/index.ts";
export type { ContextOptions } from "./create-context.ts";
export type * from "./types/appliance.ts";
export type * from "./types/context.ts";
export type * from "./types/header.ts";
export type * from "./types/package-plan.ts";

import { commandLine } from "../../lib/command-line.ts";
import { type Drive, type Parameter, settingFaults } from "../../appliance/index.ts";
import { formatSizes } from "../../lib/format-size.ts";
import type { CreateState } from "./create-state.ts";
import type { CreateRequest } from "./create-request.ts";
import type { ChosenBoot } from "../domain/choose-boot.ts";
import type { PlannedDisk, PlannedFile } from "../domain/plan-disks.ts";
import { parameterValues } from "./seed.ts";
import { memoryMiBOf } from "./virt-install-arguments.ts";

/** Space of a new overlay, empty disk or seed. */
const SMALL_FILE_BYTES = 1024 * 1024;

/** Options of virt-install that `create` sets itself, or that would change its behaviour. */
const ownOptions: ReadonlySet<string> = new Set(
  [
    "name connect print-xml print-step dry-run transient reinstall install import location cdrom pxe",
    "unattended cloud-init autostart wait noreboot virt-type arch hvm paravirt container xml",
  ]
    .join(" ")
    .split(" ")
    .map((name) => `--${name}`),
);

function nameReasons(state: CreateState, vm: string): readonly string[] {
  if (!/^[A-Za-z0-9_][\w.+-]{0,99}$/.test(vm))
    return [`name "${vm}": expected letters, digits and . _ + -, at most 100`];
  if (!state.domains.includes(vm)) return [];
  const origin = state.nameTakenBy === undefined ? "" : `, made from ${state.nameTakenBy}`;
  return [`name ${vm}: a domain of this name exists${origin}`];
}

/** Returns the virtual network in an option of virt-install; undefined if there is none. */
function networkOf(option: string): string | undefined {
  const [first = "", ...rest] = option.split(",");
  const named = [first, ...rest].find((part) => part.startsWith("network="));
  if (named !== undefined) return named.slice("network=".length);
  return first.includes("=") || ["none", "user", ""].includes(first) ? undefined : first;
}

function networkReasons(state: CreateState, request: CreateRequest): readonly string[] {
  const { networks = [] } = request;
  const options = networks.length > 0 ? networks : state.appliance.interfaces.map(() => "default");
  const names = new Set(options.map(networkOf).filter((name) => name !== undefined));
  return [...names].flatMap((name) => {
    const network = state.networks.find((each) => each.name === name);
    if (network === undefined) {
      const known = state.networks.map((each) => each.name).join(", ") || "none";
      return [`network ${name}: no such network, the host has: ${known}`];
    }
    return network.isActive
      ? []
      : [`network ${name}: not active; start it with ${commandLine("virsh", "net-start", name)}`];
  });
}

function driveReasons(drives: readonly Drive[], disks: readonly PlannedDisk[]): readonly string[] {
  const missing = drives.filter((drive) => !disks.some((disk) => disk.id === drive.disk));
  return [
    ...missing.map(
      (drive) => `disk ${drive.disk}: the catalogue has neither a base nor a size for it`,
    ),
    ...disks
      .filter((disk) => disk.kind === "empty" && disk.sizeBytes === 0)
      .map((disk) => `disk ${disk.id}: an empty disk needs a size, but the descriptor has none`),
  ];
}

function fileReasons(state: CreateState, names: readonly string[]): readonly string[] {
  const { folder } = state;
  if (folder === undefined) return [state.folderProblem ?? "the folder of the disks is unknown"];
  const taken = names.filter((name) => folder.names.includes(name));
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [
    ...taken.map((name) => `${folder.path}/${name}: the file exists`),
    ...twice.map((name) => `${folder.path}/${name}: two disks would have this name`),
  ];
}

function spaceReasons(state: CreateState, files: CopiedFiles): readonly string[] {
  const { folder } = state;
  if (folder?.freeBytes === undefined) return [];
  const { disks, kernel, initrd } = files;
  const sizeOf = (base: string | undefined): number =>
    state.bases.get(base?.split("/").at(-1) ?? "")?.allocatedBytes ?? 0;
  let needed = 0;
  for (const disk of disks) {
    needed += disk.kind === "copy" ? sizeOf(disk.base?.path) : 0;
    needed += SMALL_FILE_BYTES;
  }
  for (const file of [kernel, initrd]) needed += sizeOf(file?.base?.path);
  if (needed <= folder.freeBytes) return [];
  const [free, needs] = formatSizes(folder.freeBytes, needed);
  return [`${folder.path}: ${free} are free, the disks need ${needs}`];
}

function parameterReasons(
  declared: readonly Parameter[],
  given: Readonly<Record<string, string>>,
): readonly string[] {
  const known = declared.map((each) => each.name);
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  const missing = declared.filter(
    (each) => each.required && each.default === undefined && !Object.hasOwn(given, each.name),
  );
  return [
    ...unknown.map(
      (name) =>
        `parameter ${name}: not declared by the appliance, which declares: ${known.join(", ") || "none"}`,
    ),
    ...missing.map((each) => `parameter ${each.name}: required; set it with --set`),
    ...settingFaults(parameterValues({ parameters: declared, given })).map(
      (fault) => `parameter ${fault}`,
    ),
  ];
}

function sizeReasons(state: CreateState, request: CreateRequest): readonly string[] {
  const { appliance } = state;
  const memoryKiB = memoryMiBOf(request, appliance) * 1024;
  const least = appliance.minimumMemoryKiB ?? 0;
  if (memoryKiB >= least) return [];
  const [asked, starts] = formatSizes(memoryKiB * 1024, least * 1024);
  return [`memory: ${asked} requested, the appliance needs at least ${starts}`];
}

function extraReasons(extra: readonly string[]): readonly string[] {
  return extra
    .map((argument) => argument.split("=", 1)[0] ?? "")
    .filter((option) => ownOptions.has(option) || option === "-n")
    .map((option) => `${option}: create sets this virt-install option itself`);
}

/** Files of a new VM that need space. */
interface CopiedFiles {
  readonly disks: readonly PlannedDisk[];
  readonly kernel: PlannedFile | undefined;
  readonly initrd: PlannedFile | undefined;
}

/** Input for the reasons. */
export interface RefusalInput extends CopiedFiles {
  readonly state: CreateState;
  readonly request: CreateRequest;
  readonly chosen: ChosenBoot;
  readonly drives: readonly Drive[];
  /** Names of the files to create. */
  readonly fileNames: readonly string[];
  /** Names of the bases that the VM needs. */
  readonly baseNames: readonly string[];
}

/** Returns every reason against creating the VM, one sentence each; empty if it can be created. */
export function refusalsOf(input: RefusalInput): readonly string[] {
  const { state, request, chosen, disks } = input;
  return [
    ...nameReasons(state, request.vm),
    ...chosen.reasons,
    ...state.reasons,
    ...sizeReasons(state, request),
    ...networkReasons(state, request),
    ...parameterReasons(state.appliance.parameters, request.parameters ?? {}),
    ...extraReasons(request.extra ?? []),
    ...driveReasons(input.drives, disks),
    ...input.baseNames.flatMap((name) => state.bases.get(name)?.problem ?? []),
    ...fileReasons(state, input.fileNames),
    ...spaceReasons(state, input),
  ];
}

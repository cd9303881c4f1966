import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { type LocalHost, openLocalHost } from "../../src/host/access/local-host.ts";
import type { CreateRequest } from "../../src/host/create/create-request.ts";
import { hostPaths, type HostPaths } from "../../src/host/access/paths.ts";
import type { Run, RunResult } from "../../src/lib/exec.ts";
import { digestOf } from "../../src/lib/bytes/digest.ts";
import type { EffectHook } from "../../src/lib/journal/effects.ts";
import {
  type Libvirt,
  type MemoryLibvirtState,
  openMemoryLibvirt,
} from "../../src/libvirt/index.ts";
import { testContext } from "../support/context.ts";
import { openFolder } from "../support/temporary.ts";

/** What virt-install's own test driver offers, so that the real virt-install runs without a daemon. */
export const TEST_URI = "test:///default";

export const capabilities = `<capabilities>
  <host><cpu><arch>i686</arch></cpu><topology><cells><cell><memory unit="KiB">4194304</memory></cell></cells></topology></host>
  <guest><os_type>hvm</os_type><arch name="i686"><wordsize>32</wordsize><domain type="test"/></arch>
    <features><acpi default="on" toggle="yes"/><pae/><nonpae/></features></guest>
</capabilities>`;

/** A host below a temporary root, with one folder of disks and a libvirt in memory. */
export interface HostFixture extends AsyncDisposable {
  readonly paths: HostPaths;
  readonly libvirt: Libvirt;
  open(hook?: EffectHook): Promise<LocalHost>;
  /** Every file below the root but locks, records and traces, with its digest. */
  files(): Promise<ReadonlyMap<string, string>>;
}

const answers = new Map<string, Promise<RunResult>>();

/** Asks virt-install, which takes half a second, the same thing only once. */
function onceEach(run: Run): Run {
  return (file, args, options) => {
    if (file !== "virt-install") return run(file, args, options);
    const question = args.join(" ");
    const answer = answers.get(question) ?? run(file, args, options);
    answers.set(question, answer);
    return answer;
  };
}

/**
 * Makes the host.
 *
 * @param state  of libvirt; a function gets the host's root
 */
export async function openHostFixture(
  state: MemoryLibvirtState | ((root: string) => MemoryLibvirtState) = {},
): Promise<HostFixture> {
  const temporary = await openFolder();
  const root = temporary.path;
  const paths = hostPaths(root);
  for (const folder of [paths.catalogueDir, paths.baseDir, paths.diskDir, paths.stateDir])
    await mkdir(folder, { recursive: true });
  const libvirt = openMemoryLibvirt({
    capabilities,
    networks: [{ name: "default", isActive: true }],
    ...(typeof state === "function" ? state(root) : state),
  });
  return {
    paths,
    libvirt,
    open: (hook = {}) =>
      openLocalHost(
        { ...testContext({ temporaryFolder: root }), run: onceEach(testContext().run) },
        {
          paths,
          uri: TEST_URI,
          openLibvirt: () => libvirt,
          hook,
        },
      ),
    files: async () => {
      const names = await readdir(root, { recursive: true, withFileTypes: true });
      const found = new Map<string, string>();
      for (const entry of names) {
        const file = path.join(entry.parentPath, entry.name);
        if (!entry.isFile() || file.startsWith(path.join(paths.stateDir, "locks"))) continue;
        if (file.startsWith(path.join(paths.stateDir, "bases"))) continue;
        if (file.startsWith(path.join(paths.stateDir, "traces"))) continue;
        found.set(path.relative(root, file), digestOf(await readFile(file)));
      }
      return found;
    },
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  };
}

/** Which appliance to put into the catalogue. */
export interface ApplianceFixture {
  readonly version?: string;
  readonly release?: string;
  /** Added behind the name. */
  readonly more?: string;
  /** The `<os>` of the boot descriptor. */
  readonly os?: string;
  readonly interfaces?: number;
}

const SIZE_BYTES = 4 * 1024 * 1024;

function descriptor(options: Required<ApplianceFixture>): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<image xmlns:va="http://virt-appliance/descriptor/1">
  <name version="${options.version}" release="${options.release}">web</name>
  ${options.more}
  <domain>
    <boot type="hvm">
      <guest><arch>i686</arch><features><acpi/></features></guest>
      <os>${options.os}</os>
      <drive disk="system" target="vda"/>
      <drive disk="data" target="vdb"/>
      <drive disk="scratch" target="vdc"/>
    </boot>
    <devices><vcpu>2</vcpu><memory>262144</memory>${"<interface/>".repeat(options.interfaces)}</devices>
  </domain>
  <storage>
    <disk id="system" file="system.qcow2" use="system" format="qcow2"/>
    <disk id="data" file="data.raw" use="data" format="raw"/>
    <disk id="scratch" file="scratch.raw" use="scratch" size="8" format="raw"/>
  </storage>
</image>
`;
}

/** Puts an appliance `web` into catalogue and pool, as its package would. */
export async function addAppliance(
  host: HostFixture,
  options: ApplianceFixture = {},
): Promise<void> {
  const full = {
    version: "1.0",
    release: "1",
    more: "",
    os: '<loader dev="hd"/>',
    interfaces: 1,
    ...options,
  };
  const vr = `${full.version}-${full.release}`;
  const base = (name: string): string =>
    path.join(host.paths.baseDir, `web-appliance-${vr}-${name}`);
  const { run } = testContext();
  await run("qemu-img", ["create", "-q", "-f", "qcow2", base("system.qcow2"), String(SIZE_BYTES)]);
  await writeFile(base("data.raw"), Buffer.alloc(SIZE_BYTES, `data of ${vr}. `));
  const hasKernel = full.os.includes("<kernel>");
  if (hasKernel) await writeFile(base("vmlinuz"), `kernel of ${vr}`);
  const measure = async (name: string): Promise<Record<string, unknown>> => {
    await chmod(base(name), 0o444);
    const { size } = await stat(base(name));
    return {
      file: path.basename(base(name)),
      bytes: size,
      sha256: digestOf(await readFile(base(name))),
    };
  };
  const size = { virtualSizeBytes: SIZE_BYTES };
  const catalogue = {
    schema: 1,
    name: "web",
    package: "web-appliance",
    version: full.version,
    release: full.release,
    arch: "x86_64",
    label: "Web",
    payloadDir: path.join(host.paths.payloadDir, "web-appliance", vr),
    osinfoIds: [],
    bases: [
      {
        disk: "system",
        role: "system",
        ...(await measure("system.qcow2")),
        format: "qcow2",
        ...size,
      },
      { disk: "data", role: "data", ...(await measure("data.raw")), format: "raw", ...size },
    ],
    empty: [{ disk: "scratch", role: "scratch", virtualSizeBytes: 8 * 1024 * 1024 }],
    ...(hasKernel ? { kernel: await measure("vmlinuz") } : {}),
  };
  const folder = path.join(host.paths.catalogueDir, `web-appliance-${vr}`);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "catalogue.json"), JSON.stringify(catalogue));
  await writeFile(path.join(folder, "appliance.xml"), descriptor(full));
  await writeFile(path.join(folder, "payload"), `${catalogue.payloadDir}\n`);
}

/** A request for `web` as `vm1`, changed as told. */
export function request(overrides: Partial<CreateRequest> = {}): CreateRequest {
  return {
    appliance: "web",
    vm: "vm1",
    memoryMiB: undefined,
    vcpus: undefined,
    networks: [],
    mac: undefined,
    graphics: undefined,
    boot: undefined,
    virtType: undefined,
    pool: undefined,
    system: "overlay",
    autostart: false,
    start: true,
    parameters: {},
    extra: [],
    ...overrides,
  };
}

import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildHello } from "../../examples/hello/index.ts";
import {
  type HostRunOptions,
  openSimulatedHost,
  type SimulatedHost,
} from "../../examples/simulated-host/simulated-host.ts";
import type { RunResult } from "../../src/lib/exec.ts";
import { buildAppliance, buildHostPackage } from "../../src/pipeline/index.ts";
import { openBundledProgram, programInHost } from "../support/bundled-program.ts";
import { testContext } from "../support/context.ts";
import { openFolder } from "../support/temporary.ts";

const repositoryRoot = fileURLToPath(new URL("../../", import.meta.url));
/** Where a host sees this work tree. */
const WORK_TREE = "/srv/virt-appliance";
const DATE_SECONDS = 1_767_225_600;

export const BASES = "/var/lib/libvirt/images/appliances/base";

/** A KVM host with libvirt running, a repository of bootable appliances, and our program. */
export interface VmLaboratory extends AsyncDisposable {
  readonly host: SimulatedHost;
  /** Runs our program there. */
  readonly virtAppliance: (args: readonly string[], options?: HostRunOptions) => Promise<RunResult>;
  /** The program for a line of shell. */
  readonly program: string;
  /** Owner, group and mode of every base, a line each. */
  readonly owners: () => Promise<string>;
  /** Waits until a VM is off; returns what it said on its console. */
  readonly untilOff: (vm: string) => Promise<string>;
}

/** A version of the appliance; one that hangs neither says hello nor powers off. */
export type HelloVersion = string | { readonly version: string; readonly health: "hangs" };

async function buildRepository(folder: string, versions: readonly HelloVersion[]): Promise<string> {
  const context = testContext({ temporaryFolder: folder });
  const repository = path.join(folder, "repo");
  await mkdir(repository);
  const dates = { dateSeconds: DATE_SECONDS };
  await buildHostPackage(
    { outputFolder: repository, version: "0.1.0", release: "1", ...dates },
    context,
  );
  for (const one of versions) {
    const request = typeof one === "string" ? { version: one } : one;
    const { folder: source } = await buildHello(
      { ...request, outputFolder: folder, cacheFolder: path.join(repositoryRoot, ".cache") },
      context,
    );
    const options = {
      outputFolder: repository,
      package: { buildTimeSeconds: DATE_SECONDS },
      images: { keepRaw: false, compression: "zstd" as const },
    };
    await buildAppliance(source, options, context);
  }
  await context.run("createrepo_c", ["-q", repository]);
  return repository;
}

/** Adds the package of the command line to a repository. */
async function addCommandLine(repository: string): Promise<void> {
  await using bundled = await openBundledProgram();
  await bundled.run("tool-package", "-o", repository);
  await testContext().run("createrepo_c", ["-q", "--update", repository]);
}

/**
 * Opens a host that can install these versions of the appliance `hello`.
 *
 * @param from  where the program that it runs comes from: a bundle of this work tree (default), or the package
 */
export async function openVmLaboratory(
  versions: readonly HelloVersion[],
  from: "source" | "package" = "source",
): Promise<VmLaboratory> {
  const temporary = await openFolder();
  const folder = temporary.path;
  const dispose = (): Promise<void> => temporary[Symbol.asyncDispose]();
  const bundled = await programInHost();
  let host: SimulatedHost;
  try {
    const repository = await buildRepository(folder, versions);
    if (from === "package") await addCommandLine(repository);
    const own = { "/srv/repo": repository, "/srv/built": folder, [WORK_TREE]: repositoryRoot };
    host = await openSimulatedHost(testContext(), { shares: { ...own, ...bundled.shares } });
  } catch (error) {
    await dispose();
    throw error;
  }
  await host.writeText(
    "/etc/yum.repos.d/test.repo",
    "[test]\nname=test\nbaseurl=file:///srv/repo\ngpgcheck=0\n",
  );
  await host.startLibvirt();
  if (from === "package") await host.sh("dnf -y -q install virt-appliance");
  const program = from === "package" ? ["/usr/bin/virt-appliance"] : bundled.words;
  return {
    host,
    virtAppliance: (args, options) => host.run([...program, ...args], options),
    program: program.join(" "),
    owners: async () => (await host.sh(`stat -c '%U:%G %a %n' ${BASES}/*`)).stdout,
    untilOff: async (vm) => {
      const state = 'until [ "$(virsh domstate "$1")" = "shut off" ]; do sleep 0.2; done';
      await host.run(["sh", "-c", state, "sh", vm]);
      return host.readText(`/var/log/libvirt/qemu/${vm}-console.log`);
    },
    [Symbol.asyncDispose]: async () => {
      await host.dispose();
      await dispose();
    },
  };
}

import { mkdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildInstallerTree, serveInstallerTree } from "../../examples/installer-tree/index.ts";
import {
  type HostRunOptions,
  openSimulatedHost,
  type SimulatedHost,
} from "../../examples/simulated-host/simulated-host.ts";
import type { RunResult } from "../../src/lib/exec.ts";
import { buildHostPackage, buildRecipe } from "../../src/pipeline/index.ts";
import { programInHost } from "../support/bundled-program.ts";
import { testContext } from "../support/context.ts";
import { openFolder } from "../support/temporary.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const DATE_SECONDS = 1_767_225_600;

/** What a laboratory is opened with. */
export interface RecipeLaboratoryOptions {
  /** Folders of recipes; their packages are installed. */
  readonly recipes: readonly string[];
  /** Debian packages of the prepared system. */
  readonly installed: readonly string[];
  /** Debian packages that `%packages` may name beside them. */
  readonly offered: readonly string[];
  readonly hostSize?: string;
}

/** A KVM host with libvirt running, recipes installed by dnf, and an installer tree within its reach. */
export interface RecipeLaboratory extends AsyncDisposable {
  readonly host: SimulatedHost;
  /** The tree, as virt-install finds it. */
  readonly treeUrl: string;
  /** The tree, as a guest on the user network finds it. */
  readonly guestUrl: string;
  /** Runs our program there. */
  readonly virtAppliance: (args: readonly string[], options?: HostRunOptions) => Promise<RunResult>;
  readonly consoleOf: (vm: string) => Promise<string>;
  /** Returns the console as soon as it says something; rejects with it after so many milliseconds. */
  readonly untilSaid: (vm: string, pattern: RegExp, timeoutMs: number) => Promise<string>;
}

async function makeRepository(folder: string, recipes: readonly string[]): Promise<string> {
  const context = testContext({ temporaryFolder: folder });
  const outputFolder = path.join(folder, "repo");
  await mkdir(outputFolder);
  const own = { outputFolder, version: "1", release: "1", dateSeconds: DATE_SECONDS };
  await buildHostPackage(own, context);
  for (const recipe of recipes) {
    const options = { outputFolder, package: { buildTimeSeconds: DATE_SECONDS } };
    await buildRecipe(recipe, options, context);
  }
  await context.run("createrepo_c", ["-q", outputFolder]);
  return outputFolder;
}

/** Opens a host where recipes can be installed for real, without the internet once the packages are cached. */
export async function openRecipeLaboratory(
  options: RecipeLaboratoryOptions,
): Promise<RecipeLaboratory> {
  const temporary = await openFolder();
  const folder = temporary.path;
  const closing: (() => Promise<void>)[] = [() => temporary[Symbol.asyncDispose]()];
  const dispose = async (): Promise<void> => {
    for (const close of closing.toReversed()) await close();
  };
  try {
    const { installed, offered } = options;
    const cacheFolder = path.join(ROOT, ".cache/debian");
    const { folder: tree } = await buildInstallerTree(
      { outputFolder: path.join(folder, "tree"), cacheFolder, installed, offered },
      testContext({ temporaryFolder: folder }),
    );
    const server = await serveInstallerTree(tree);
    closing.push(async () => {
      await server[Symbol.asyncDispose]();
    });
    const program = await programInHost();
    const host = await openSimulatedHost(testContext(), {
      shares: { "/srv/repo": await makeRepository(folder, options.recipes), ...program.shares },
      size: options.hostSize ?? "4g",
    });
    closing.push(() => host.dispose());
    await prepareHost(host, options.recipes);
    return {
      host,
      treeUrl: server.url,
      guestUrl: server.guestUrl,
      ...useHost(host, program.words),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function prepareHost(host: SimulatedHost, recipes: readonly string[]): Promise<void> {
  const repoFile = "[test]\nname=test\nbaseurl=file:///srv/repo\ngpgcheck=0\n";
  await host.writeText("/etc/yum.repos.d/test.repo", repoFile);
  const names = recipes.map((recipe) => `${path.basename(recipe)}-appliance-recipe`);
  await host.run(["dnf", "-y", "install", ...names]);
  await host.startLibvirt();
}

function useHost(
  host: SimulatedHost,
  program: readonly string[],
): Pick<RecipeLaboratory, "virtAppliance" | "consoleOf" | "untilSaid"> {
  const consoleOf = async (vm: string): Promise<string> => {
    const log = `/var/log/libvirt/qemu/${vm}-console.log`;
    return (await host.sh(`cat ${log}.0 ${log} 2>/dev/null || true`)).stdout;
  };
  return {
    virtAppliance: (args, options) => host.run([...program, ...args], options),
    consoleOf,
    untilSaid: async (vm, pattern, timeoutMs) => {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const said = await consoleOf(vm);
        if (pattern.test(said)) return said;
        if (performance.now() > deadline) throw new Error(`${vm}: never said ${pattern}:\n${said}`);
        await sleep(500);
      }
    },
  };
}

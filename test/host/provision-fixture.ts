import assert from "node:assert/strict";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { type LocalHost, openLocalHost } from "../../src/host/access/local-host.ts";
import { consoleLogFile } from "../../src/host/access/paths.ts";
import type { RecipeRequest } from "../../src/host/create/recipe/recipe-request.ts";
import { ApplianceError } from "../../src/errors.ts";
import type { Context } from "../../src/lib/context.ts";
import type { EffectHook } from "../../src/lib/journal/effects.ts";
import type { Run, RunResult } from "../../src/lib/exec.ts";
import type { Libvirt } from "../../src/libvirt/index.ts";
import { INSTALLED_MARK, layerOfArguments } from "../../src/recipe/index.ts";
import { testContext } from "../support/context.ts";
import { installSmallRecipe, type SmallRecipe } from "../support/small-recipe.ts";
import { type HostFixture, openHostFixture, request, TEST_URI } from "./fixture.ts";

/** What a VM does with the installer that virt-install starts in it. */
export type Installation = "ends" | "fails" | "hangs" | "is refused" | "says nothing";

/** What virt-install was given to start an installer. */
export interface SeenInstallation {
  readonly args: readonly string[];
  readonly kickstart: string;
  readonly kickstartMode: number;
  readonly folderMode: number;
}

/** How the host of one test is. */
export interface ProvisionOptions {
  readonly installation?: Installation;
  readonly hook?: EffectHook;
  readonly context?: Partial<Context>;
  readonly libvirt?: Partial<Libvirt>;
}

/** A host with a recipe, on which virt-install starts an installer that lives in memory. */
export interface ProvisionFixture extends AsyncDisposable {
  readonly base: HostFixture;
  readonly seen: SeenInstallation[];
  readonly warnings: string[];
  /** A folder that passes for an installer's tree. */
  readonly tree: string;
  open(options?: ProvisionOptions): Promise<LocalHost>;
  addRecipe(options?: SmallRecipe): Promise<void>;
  /** Writes a file below `/etc/virt-appliance`. */
  answer(name: string, text: string, mode?: number): Promise<void>;
}

const printed = new Map<string, Promise<RunResult>>();

function installerRun(
  base: HostFixture,
  seen: SeenInstallation[],
  installation: Installation,
): Run {
  const { run } = testContext();
  return async (file, args, options) => {
    if (file !== "virt-install") return run(file, args, options);
    if (!args.includes("--reinstall")) {
      // It takes half a second, and answers the same each time.
      const question = args.join(" ");
      const answer = printed.get(question) ?? run(file, args, options);
      printed.set(question, answer);
      return answer;
    }
    const vm = args[args.indexOf("--reinstall") + 1] ?? "";
    const kickstart = args[args.indexOf("--initrd-inject") + 1] ?? "";
    seen.push({
      args,
      kickstart: await readFile(kickstart, "utf8"),
      kickstartMode: (await stat(kickstart)).mode & 0o777,
      folderMode: (await stat(path.dirname(kickstart))).mode & 0o777,
    });
    if (installation === "is refused")
      throw new ApplianceError("LIB_EXEC_FAILED", "virt-install: ended with status 1", {
        details: ["ERROR    Couldn't find kernel for install tree."],
      });
    await base.libvirt.startDomain(vm);
    const said = `\u001b[32mhello\u001b[0m\r\n${installation === "ends" ? INSTALLED_MARK : "oh no"}\r\n`;
    if (installation !== "says nothing") await writeFile(consoleLogFile(base.paths, vm), said);
    if (installation !== "hangs") await base.libvirt.stopDomain(vm);
    return { exitCode: 0, stdout: "", stderr: "" };
  };
}

/** Makes the host. */
export async function openProvisionFixture(): Promise<ProvisionFixture> {
  const base = await openHostFixture();
  const { paths } = base;
  const tree = path.join(paths.root, "tree");
  for (const folder of [paths.consoleDir, paths.settingsDir, tree])
    await mkdir(folder, { recursive: true });
  const seen: SeenInstallation[] = [];
  const warnings: string[] = [];
  return {
    base,
    seen,
    warnings,
    tree,
    open: ({ installation = "ends", hook = {}, context = {}, libvirt = {} } = {}) =>
      openLocalHost(
        testContext({
          temporaryFolder: paths.root,
          run: installerRun(base, seen, installation),
          logger: { info: () => {}, warn: (text) => warnings.push(text), debug: () => {} },
          ...context,
        }),
        { paths, uri: TEST_URI, openLibvirt: () => ({ ...base.libvirt, ...libvirt }), hook },
      ),
    addRecipe: (options = {}) =>
      installSmallRecipe(paths.catalogueDir, { arch: "i686", ...options }),
    answer: async (name, text, mode = 0o640) => {
      const file = path.join(paths.settingsDir, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text, { mode });
    },
    [Symbol.asyncDispose]: () => base[Symbol.asyncDispose](),
  };
}

/** A request for `small` as `vm1` from the tree, with all that it must be given, changed as told. */
export function recipeRequest(
  fixture: ProvisionFixture,
  overrides: Partial<RecipeRequest> & { readonly set?: readonly string[] } = {},
): RecipeRequest {
  const { set = ["hub=mail.example.com", "token=s3cret"], ...rest } = overrides;
  const { layer, problems } = layerOfArguments(set, "--set");
  assert.deepEqual(problems, []);
  return {
    recipe: "small-recipe",
    machine: request({ appliance: "small-recipe" }),
    layers: [layer],
    installer: { kind: "tree", location: fixture.tree },
    extraArguments: undefined,
    timeoutSeconds: 60,
    puppet: "server",
    ...rest,
  };
}

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import yargs from "yargs";
import { addCommand } from "../../src/cli/add-command.ts";
import { chooseCommand } from "../../src/cli/choose-command.ts";
import { describeCommand, type CommandDescription } from "../../src/cli/help/describe-command.ts";
import { programVersion } from "../../src/cli/process/program-version.ts";
import { renderJson } from "../../src/cli/terminal/render-json.ts";
import type { Cli } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.ts";
import { createVm } from "../../src/host/create/create.ts";
import { listAppliances } from "../../src/host/show/list-appliances.ts";
import { listVms } from "../../src/host/show/list-vms.ts";
import { showAppliance } from "../../src/host/show/show-appliance.ts";
import { showRecipe } from "../../src/host/show/show-recipe.ts";
import { showVm } from "../../src/host/show/show-vm.ts";
import {
  addAppliance,
  type HostFixture,
  openHostFixture,
  request,
} from "../fixtures/memory-host.ts";
import { kvmHost } from "../fixtures/libvirt-documents.ts";
import { descriptorOf, noise, writeAppliance } from "../fixtures/appliance-folder.ts";
import { testContext } from "../support/context.ts";
import { differences, type JsonExample, jsonExamples } from "../support/json-page.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { installSmallRecipe } from "../fixtures/small-recipe.ts";
import { temporaryFolder } from "../support/temporary.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs a command in this process and returns the document that it prints. */
async function answer(argv: readonly string[], signal?: AbortSignal): Promise<unknown> {
  const chosen = await chooseCommand(argv, commands);
  if (chosen === undefined) throw new Error(`${argv[0]}: no such command`);
  let text = "";
  const cli: Cli = {
    context: testContext(signal === undefined ? {} : { signal }),
    environment: {},
    interactive: false,
    program: await programVersion(),
    commands,
    print: () => assert.fail("--json prints a document alone"),
    printJson: (document) => (text += renderJson(document)),
    setExitCode: () => {},
  };
  const parser = yargs()
    .options({
      json: { type: "boolean" },
      quiet: { type: "boolean" },
      verbose: { type: "boolean" },
    })
    .strict()
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new Error(message);
    });
  await addCommand(parser, chosen, (command, args) => command.run(args, cli)).parseAsync([
    ...argv,
    "--json",
  ]);
  return JSON.parse(text);
}

function names(command: CommandDescription): readonly string[] {
  return command.commands.length === 0 ? [command.name] : command.commands.flatMap(names);
}

describe("docs/json.md", () => {
  let examples: readonly JsonExample[];
  const folder = temporaryFolder();
  let host: HostFixture;
  const within = (...names: readonly string[]): string => path.join(folder, ...names);

  before(async () => {
    examples = jsonExamples(await readFile(path.join(root, "docs", "json.md"), "utf8"));
    host = await openHostFixture();
    const disk = noise(256 * 1024, "web");
    const descriptor = descriptorOf([{ file: "root.raw" }], { name: "web", version: "1.2" });
    // A file that nothing names, for a problem without a line.
    const files = { "root.raw": disk, "extra.bin": "extra" };
    await writeAppliance(within("web"), descriptor, files);
    await writeFile(within("kvm.xml"), kvmHost);
    await mkdir(within("out"));
    await addAppliance(host);
    await createVm(await host.open(), request());
  });
  after(async () => {
    await host[Symbol.asyncDispose]();
  });

  /** Compares a document with the section about its command. */
  function check(title: string, actual: unknown): void {
    const found = examples.find((one) => one.title.split(", ").includes(title));
    assert.ok(found !== undefined, `docs/json.md: no section for ${title}`);
    assert.deepEqual(differences(actual, found), [], `${title}: ${JSON.stringify(actual)}`);
  }

  it("has a section for every command, and none for what is no command", async () => {
    const all: string[] = [];
    for (const entry of commands) all.push(...names(await describeCommand(entry)));
    const titles = examples.flatMap(({ title }) => title.split(", "));
    const documented = new Set(titles.map((title) => title.replace(/ (?:--|of ).*$/, "")));
    assert.deepEqual([...documented].sort(), all.sort());
  });

  it("shows what commands about sources print", async () => {
    const web = within("web");
    check("init", await answer(["init", within("web", "root.raw")]));
    check("inspect", await answer(["inspect", web]));
    const recipe = path.join(root, "examples/recipes/web");
    check("inspect of a recipe", await answer(["inspect", recipe]));
    check("pack", await answer(["pack", web, "-o", within("web.tar")]));
    check("unpack", await answer(["unpack", within("web.tar"), "-d", within("unpacked")]));
    check("check", await answer(["check", web, "--capabilities", within("kvm.xml")]));
  });

  it("shows what commands about packages and keys print", async () => {
    const [web, out] = [within("web"), within("out")];
    const key = ["--keys", (await testKey()).folder];
    const package_ = path.join(out, "web-appliance-1.2-1.x86_64.rpm");
    check("build --dry-run", await answer(["build", web, "-o", out, "--dry-run"]));
    check("build", await answer(["build", web, "-o", out]));
    check("sign", await answer(["sign", package_, "--key", "test", ...key]));
    check("verify", await answer(["verify", package_, ...key]));
    check("inspect of a package", await answer(["inspect", package_]));
    check("host-package", await answer(["host-package", "-o", out]));
    check("keys list", await answer(["keys", "list", ...key]));
    check("keys export", await answer(["keys", "export", "test", ...key]));
    const request = ["--name", "new", "--email", "new@example.com", "-o", within("keys")];
    check("keys generate", await answer(["keys", "generate", ...request]));
  });

  it("shows what commands about repositories print", async () => {
    const [repo, out] = [within("repo"), within("out")];
    const key = ["--keys", (await testKey()).folder];
    const site = ["--name", "example", "--base-url", "https://example.com/a", "--key", "test"];
    const bare = ["--no-host-package", ...key];
    check("repo init", await answer(["repo", "init", repo, ...site, ...bare]));
    await answer(["build", within("web"), "-o", out, "--sign", "test", ...key]);
    const add = ["repo", "add", repo, path.join(out, "web-appliance-1.2-1.x86_64.rpm"), ...key];
    check("repo add --dry-run", await answer([...add, "--dry-run"]));
    check("repo add", await answer(add));
    check("repo list", await answer(["repo", "list", repo]));
    check("repo check", await answer(["repo", "check", repo]));
    check("repo remove", await answer(["repo", "remove", repo, "web-appliance-1.2-1", ...key]));
    const ended = AbortSignal.abort();
    check("repo serve", await answer(["repo", "serve", repo, "--port", "0"], ended));
  });

  it("shows the documents of a host's appliances and VMs", async () => {
    const opened = await host.open();
    const asPrinted = (document: unknown): unknown => JSON.parse(renderJson(document));
    check("list", asPrinted((await listAppliances(host.paths)).appliances));
    check("show", asPrinted(await showAppliance(opened, "web")));
    await installSmallRecipe(host.paths.catalogueDir);
    check("show of a recipe", asPrinted(await showRecipe(opened, "small")));
    check("vms", asPrinted((await listVms(opened)).vms));
    check("show-vm", asPrinted(await showVm(opened, "vm1")));
  });
});

describe("comparing a document with its example", () => {
  const nullable = new Set(["b"]);
  for (const [what, actual, example, found] of [
    ["takes further fields", { a: 1, z: 1 }, { a: 2 }, []],
    ["finds a missing field", { z: 1 }, { a: 2 }, ["document.a is missing"]],
    ["finds another type", { a: "1" }, { a: 2 }, ["document.a is string, expected number"]],
    ["takes null where that is told", { b: null }, { b: { c: 1 } }, []],
    ["finds null elsewhere", { a: null }, { a: 1 }, ["document.a is null, expected number"]],
    ["looks at each element", [{ a: 1 }, {}], [{ a: 1 }], ["document[1].a is missing"]],
    ["takes any of several elements", [{ z: 1 }], [{ a: 1 }, { z: 2 }], []],
  ] as const) {
    it(what, () => assert.deepEqual(differences(actual, { example, nullable }), found));
  }
});

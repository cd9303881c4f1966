import assert from "node:assert/strict";
import { cp, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../../src/errors.ts";
import { type Kickstart, parseKickstart } from "../../../src/recipe/index.ts";
import { isRecipeDirectory, openRecipe } from "../../../src/source/index.ts";
import { testContext } from "../../support/context.ts";
import { withFolder } from "../../support/temporary.ts";

const examples = path.join(import.meta.dirname, "../../../examples/recipes");
const context = testContext();

/** A copy of the example recipe, and ways to spoil it. */
class Draft {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async write(name: string, text: string): Promise<void> {
    const file = path.join(this.folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  async replace(name: string, from: string, to: string): Promise<void> {
    const file = path.join(this.folder, name);
    const text = await readFile(file, "utf8");
    assert.ok(text.includes(from), `${name} holds ${from}`);
    await writeFile(file, text.replaceAll(from, to));
  }

  async remove(name: string): Promise<void> {
    await rm(path.join(this.folder, name), { recursive: true });
  }

  async move(from: string, to: string): Promise<void> {
    await rename(path.join(this.folder, from), path.join(this.folder, to));
  }
}

async function stock(): Promise<ReadonlyMap<string, Kickstart>> {
  const text = await readFile(
    path.join(examples, "../../spec-templates/host/kickstarts/fedora-minimal.ks"),
    "utf8",
  );
  return new Map([["fedora-minimal.ks", parseKickstart(text, "fedora-minimal.ks").kickstart]]);
}

/** Everything that openRecipe refuses, as lines. */
async function refusals(folder: string, runsPuppet = false): Promise<readonly string[]> {
  try {
    await openRecipe(folder, context, { stock: await stock(), runsPuppet });
    return [];
  } catch (error) {
    assert.ok(error instanceof ApplianceError);
    assert.equal(error.code, "RECIPE_INVALID");
    return error.details;
  }
}

/** What is wrong, how it is made so, and what the one line says. */
const cases: readonly (readonly [string, (draft: Draft) => Promise<void>, RegExp])[] = [
  ["no kickstart", (d) => d.remove("web.ks"), /exactly one kickstart \(\*\.ks\), found none/],
  ["two kickstarts", (d) => d.write("b.ks", "text\n"), /found b\.ks, web\.ks/],
  ["no module", (d) => d.remove("puppet"), /puppet: expected exactly one folder.*found nothing/],
  ["two modules", (d) => d.write("puppet/db/x", ""), /found db, web/],
  ["a file beside the module", (d) => d.write("puppet/README", ""), /found README, web/],
  [
    "a module with a bad name",
    (d) => d.move("puppet/web", "puppet/web-app"),
    /"web-app" is not a valid/,
  ],
  ["a module that Puppet has", (d) => d.move("puppet/web", "puppet/main"), /"main" is not a valid/],
  ["no metadata", (d) => d.remove("puppet/web/metadata.json"), /no metadata\.json/],
  ["no JSON", (d) => d.write("puppet/web/metadata.json", "{"), /metadata\.json: not JSON/],
  [
    "metadata without licence",
    (d) => d.replace("puppet/web/metadata.json", '"license"', '"licence"'),
    /license: expected text/,
  ],
  ["no main class", (d) => d.remove("puppet/web/manifests/init.pp"), /missing manifests\/init\.pp/],
  [
    "another main class",
    (d) => d.replace("puppet/web/manifests/init.pp", "class web ", "class website "),
    /init\.pp: does not define class web/,
  ],
  [
    "a disk without size",
    (d) => d.replace("appliance.xml", ' size="4096"', ""),
    /disk "pages": no size/,
  ],
  ["an image", (d) => d.write("system.qcow2", "x"), /system\.qcow2 exists/],
  ["a compressed image", (d) => d.write("pages.qcow2.xz", "x"), /pages\.qcow2\.xz exists/],
  [
    "a kernel of its own",
    (d) => d.replace("appliance.xml", '<loader dev="hd"/>', "<kernel>vmlinuz</kernel>"),
    /has a kernel/,
  ],
  ["a disk that is not there", (d) => d.replace("web.ks", "vdb", "vdz"), /disk "vdz" is not in/],
  ["a missing %end", (d) => d.replace("web.ks", "puppet\n%end", "puppet"), /does not end/],
  [
    "a site's command",
    (d) => d.replace("web.ks", "services ", "lang de_DE\nservices "),
    /lang: only/,
  ],
  ["an unknown placeholder", (d) => d.replace("web.ks", "@@mirror@@", "@@miror@@"), /@@miror@@/],
  ["a bad parameter", (d) => d.replace("parameters.yaml", "integer", "float"), /type: expected/],
  ["text that is none", (d) => d.write("parameters.yaml", "a: \x00"), /parameters\.yaml/],
  ["a bad name", (d) => d.write("scripts/first run.sh", "x"), /first run\.sh: name has/],
  [
    "a link out of the folder",
    (d) => symlink("/etc/passwd", path.join(d.folder, "scripts.sh")),
    /symbolic link out of the folder/,
  ],
];

describe("openRecipe", () => {
  const withDraft = (test: (draft: Draft) => Promise<void>): (() => Promise<void>) =>
    withFolder(async (folder) => {
      const copy = path.join(folder, "web");
      await cp(path.join(examples, "web"), copy, { recursive: true });
      await test(new Draft(copy));
    });

  it("opens the example recipe, with Puppet's own word about the module", async () => {
    const opened = await openRecipe(path.join(examples, "web"), context, {
      stock: await stock(),
      runsPuppet: true,
    });
    assert.deepEqual(opened.problems, []);
    assert.equal(opened.recipe.appliance.name, "web");
    assert.equal(opened.recipe.module.name, "web");
    assert.equal(opened.recipe.module.metadata.version, "1.0.0");
    assert.deepEqual(
      opened.recipe.module.files.map(({ path: name }) => name),
      [
        "puppet/web/data/common.yaml",
        "puppet/web/hiera.yaml",
        "puppet/web/manifests/init.pp",
        "puppet/web/metadata.json",
        "puppet/web/templates/index.html.epp",
      ],
    );
    assert.deepEqual(
      opened.recipe.documentation.map(({ path: name }) => name),
      ["README.md"],
    );
  });

  for (const [name, spoil, expected] of cases) {
    it(
      `refuses ${name}`,
      withDraft(async (draft) => {
        await spoil(draft);
        const found = await refusals(draft.folder);
        assert.ok(
          found.some((line) => expected.test(line)),
          found.join("\n"),
        );
      }),
    );
  }

  it(
    "names everything that is wrong at once",
    withDraft(async (draft) => {
      await draft.remove("puppet/web/metadata.json");
      await draft.write("b.ks", "text\n");
      await draft.replace("appliance.xml", ' size="4096"', "");
      await draft.replace("parameters.yaml", "integer", "float");
      const codes = (await refusals(draft.folder)).map((line) => /\[([a-z-]+)\]$/.exec(line)?.[1]);
      for (const code of ["module-metadata", "kickstart-count", "disk-size", "field"]) {
        assert.ok(codes.includes(code), `${code} in ${codes.join(", ")}`);
      }
    }),
  );

  it(
    "reports Puppet's errors with file and line",
    withDraft(async (draft) => {
      await draft.write("puppet/web/manifests/other.pp", "class web::other {\n  file { }\n}\n");
      await draft.write("puppet/web/templates/bad.epp", "<% if { %>");
      const found = await refusals(draft.folder, true);
      assert.ok(
        found.some((line) =>
          /^puppet\/web\/manifests\/other\.pp:\d: .*\[module-code\]$/.test(line),
        ),
        found.join("\n"),
      );
      assert.ok(
        found.some((line) => line.startsWith("puppet/web/templates/bad.epp")),
        found.join("\n"),
      );
    }),
  );

  it("warns when Puppet is not there to ask", async () => {
    const without = testContext({
      run: (file, args, options) =>
        file === "puppet"
          ? Promise.reject(new ApplianceError("LIB_EXEC_MISSING", "puppet: not installed"))
          : context.run(file, args, options),
    });
    const folder = path.join(examples, "web");
    const options = { stock: await stock(), runsPuppet: true };
    const { problems } = await openRecipe(folder, without, options);
    assert.deepEqual(
      problems.map(({ severity, code }) => [severity, code]),
      [["warning", "module-unchecked"]],
    );
  });

  it("warns of a stock kickstart that is only on the host", async () => {
    const { problems } = await openRecipe(path.join(examples, "web"), context);
    assert.deepEqual(
      problems.map(({ severity, code }) => [severity, code]),
      [["warning", "include-missing"]],
    );
  });
});

describe("isRecipeDirectory", () => {
  it(
    "distinguishes recipes from appliances with images",
    withFolder(async (folder) => {
      const draft = new Draft(folder);
      await draft.write("appliance.xml", "<image/>");
      assert.equal(await isRecipeDirectory(folder), false);
      await draft.write("web.ks", "text\n");
      assert.equal(await isRecipeDirectory(folder), true);
      await draft.write("disk.raw", "x");
      assert.equal(await isRecipeDirectory(folder), false);
      await draft.write("puppet/web/metadata.json", "{}");
      assert.equal(await isRecipeDirectory(folder), true);
      assert.equal(await isRecipeDirectory(path.join(folder, "disk.raw")), false);
      assert.equal(await isRecipeDirectory(path.join(folder, "none")), false);
    }),
  );
});

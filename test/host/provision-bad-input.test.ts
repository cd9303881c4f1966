import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";
import { journalDir } from "../../src/host/access/paths.ts";
import { prepareProvision, provisionVm } from "../../src/host/create/recipe/provision.ts";
import { ApplianceError } from "../../src/errors.ts";
import type { Run } from "../../src/lib/exec.ts";
import { parseKickstart } from "../../src/recipe/index.ts";
import { testContext } from "../support/context.ts";
import { request } from "../fixtures/memory-host.ts";
import {
  openProvisionFixture,
  type ProvisionFixture,
  recipeRequest,
} from "../fixtures/provision-host.ts";

/** Values that would be more than data in a kickstart, a shell, YAML or Puppet's code. */
const hostile = [
  "'; touch owned; '",
  '"; touch owned; "',
  "$(touch owned)`touch owned`",
  "a\n%end\n%post\ntouch owned\n%end\npart /x --size=1",
  "a\nb: &c !ruby/object:Object {}",
  "%{facts.kernel} %{lookup('small::token')}",
  "<%= 'x' %> ${x} '} exec { '/bin/true': }",
  "\nVA_END\ntouch owned\n",
] as const;

/** What a kickstart does: its commands, and its sections with their number of scripts. */
function shapeOf(text: string): readonly string[] {
  const { kickstart, problems } = parseKickstart(text, "vm1.ks");
  assert.deepEqual(problems, []);
  return kickstart.items.flatMap((item) => {
    if (item.kind === "command") return [item.words.map(({ value }) => value).join(" ")];
    return item.kind === "section" ? [`%${item.name}`] : [];
  });
}

describe("what create from a recipe is given", () => {
  let fixture: ProvisionFixture;
  beforeEach(async () => {
    fixture = await openProvisionFixture();
    await fixture.addRecipe();
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  it("is kept with a warning and its line where the kickstart's table lacks it", async () => {
    const kickstart = "frobnicate --now\n%frobnicate\nx\n%end\n";
    await fixture.addRecipe({ version: "2.0", kickstart });
    const { notes } = await provisionVm(await fixture.open(), recipeRequest(fixture));
    const told = notes.join("\n");
    assert.match(told, /small\.ks:11: frobnicate.*\[command-unknown\]/);
    assert.match(told, /small\.ks:12: %frobnicate.*\[section-unknown\]/);
    assert.deepEqual(fixture.warnings, notes);
    const seen = fixture.seen[0]?.kickstart ?? "";
    assert.match(seen, /^frobnicate --now\n/m);
    assert.match(seen, /^%frobnicate\nx\n%end\n/m);
  });

  it("is told with both places where the site's answer for one recipe replaces that for all", async () => {
    await fixture.answer("site.ks", "lang de_DE\nkeyboard de\n");
    await fixture.answer("recipes/small.ks", "lang en_US\n");
    const { notes } = await prepareProvision(await fixture.open(), recipeRequest(fixture));
    const folder = fixture.base.paths.settingsDir;
    assert.ok(
      notes.includes(`${folder}/site.ks:1: lang is overridden by ${folder}/recipes/small.ks:1`),
      notes.join("\n"),
    );
  });

  it("stays data as a parameter, whatever it is, with a server or without", async () => {
    for (const puppet of ["server", "masterless"] as const) {
      const shapes: (readonly string[])[] = [];
      for (const value of ["quiet", ...hostile]) {
        const set = [`hub=${value}`, `token=${value}`];
        const wanted = recipeRequest(fixture, { puppet, set });
        const { operation } = await prepareProvision(await fixture.open(), wanted);
        const step = operation.steps.find((each) => each.kind === "write-file");
        const text = Buffer.from(step?.base64 ?? "", "base64").toString();
        shapes.push(shapeOf(text));
        if (puppet === "server") continue;
        const data = /data\/node.yaml' 0600 <<'VA_END'\n([^]*?)\nVA_END/.exec(text)?.[1] ?? "";
        const read: unknown = parse(Buffer.from(data, "base64").toString());
        const expected = value.replaceAll("%{", "%{literal('%')}{");
        assert.ok(typeof read === "object" && read !== null && "small::hub" in read);
        assert.equal(read["small::hub"], expected);
      }
      for (const shape of shapes) assert.deepEqual(shape, shapes[0]);
    }
  });

  it("is refused as a parameter where it is no text, or no name of a Puppet server", async () => {
    const host = await fixture.open();
    for (const value of ["a\rb", "a\u001bb", "a\u0000b"]) {
      const wanted = recipeRequest(fixture, { set: [`hub=${value}`, "token=t"] });
      await assert.rejects(provisionVm(host, wanted), {
        code: "RECIPE_INVALID",
        details: ["--set: hub: contains a control character, expected text [parameter-mismatch]"],
      });
    }
    for (const value of [...hostile, "", "--help", "a\0", "a b"]) {
      const file = `puppet_server: ${JSON.stringify(value)}\n`;
      await fixture.answer("parameters.d/10-puppet.yaml", file);
      await assert.rejects(provisionVm(host, recipeRequest(fixture)), {
        code: "HOST_REFUSED",
        details: ["puppet_server: its value is not a host name"],
      });
    }
    await prepareProvision(host, recipeRequest(fixture, { puppet: "masterless" }));
  });

  it("may be a module that needs others: only a server can have them", async () => {
    await fixture.addRecipe({ name: "needy", needs: ["puppetlabs-stdlib"] });
    const needy = { recipe: "needy-recipe", set: ["hub=h", "token=t"] };
    const host = await fixture.open();
    await prepareProvision(host, recipeRequest(fixture, needy));
    await assert.rejects(
      prepareProvision(host, recipeRequest(fixture, { ...needy, puppet: "masterless" })),
      {
        code: "HOST_REFUSED",
        details: [
          "module needy: needs puppetlabs/stdlib, which is not in the recipe; serve both from a Puppet server, without --masterless",
        ],
      },
    );
  });

  it("may be a module's name that other recipes or the host's modules have: a warning", async () => {
    const installed = path.join(fixture.base.paths.root, "usr/share/puppet/modules/small");
    const warnings = async (metadata: string): Promise<readonly string[]> => {
      await mkdir(installed, { recursive: true });
      await writeFile(path.join(installed, "metadata.json"), metadata);
      const { notes } = await prepareProvision(await fixture.open(), recipeRequest(fixture));
      return notes.filter((note) => note.startsWith("module "));
    };
    const told = (other: string): string =>
      `module small: ${other} has the same name; a Puppet server accepts only one of them`;
    assert.deepEqual(await warnings('{ "name": "example/small" }'), []);
    assert.deepEqual(await warnings('{ "name": "acme-\\u001bsmall" }'), [
      told(`${installed} (acme-\\x1bsmall)`),
    ]);
    assert.deepEqual(await warnings("{"), [told(`${installed} (without metadata)`)]);
    await fixture.addRecipe({ name: "other" });
    const entry = path.join(
      fixture.base.paths.catalogueDir,
      "other-appliance-recipe-1.0-1/recipe.json",
    );
    const text = await readFile(entry, "utf8");
    await writeFile(entry, text.replace('"module":{"name":"other"', '"module":{"name":"small"'));
    const clash = told("other-appliance-recipe");
    assert.deepEqual(await warnings('{ "name": "example-small" }'), [clash]);
    await provisionVm(await fixture.open(), recipeRequest(fixture));
    assert.ok(fixture.warnings.includes(clash));
  });

  it("may be a name that two recipes claim at the same moment: one VM comes of it", async () => {
    await fixture.addRecipe({ name: "other" });
    const claims = ["small-recipe", "other-recipe"].map(async (recipe) => {
      const machine = request({ appliance: recipe });
      return provisionVm(await fixture.open(), recipeRequest(fixture, { recipe, machine }));
    });
    const refused = (await Promise.allSettled(claims)).filter(
      ({ status }) => status === "rejected",
    );
    assert.equal(refused.length, 1);
    const [{ reason }] = refused as [PromiseRejectedResult];
    assert.ok(reason instanceof ApplianceError && reason.code === "HOST_REFUSED", String(reason));
    assert.match(
      reason.details.join("\n"),
      /name vm1: a domain of this name exists, made from (?:small|other) 1\.0-1/,
    );
    assert.equal((await fixture.base.libvirt.listDomains()).length, 1);
    assert.equal(fixture.seen.length, 1);
  });

  it("may be a tree that never hands its kernel over: the time limit ends that too", async () => {
    const real = testContext();
    const run: Run = (file, args, options) =>
      args.includes("--reinstall")
        ? real.run("sh", ["-c", "echo Retrieving >&2; exec sleep 60"], options)
        : real.run(file, args, options);
    const host = await fixture.open({ context: { run } });
    const before = [...(await fixture.base.files()).keys()].sort();
    await assert.rejects(provisionVm(host, recipeRequest(fixture, { timeoutSeconds: 0.6 })), {
      code: "HOST_INSTALL_FAILED",
      message: "vm1: virt-install did not start the installer within 0.01 min",
      details: ["Retrieving"],
    });
    assert.deepEqual([...(await fixture.base.files()).keys()].sort(), before);
    assert.deepEqual(await fixture.base.libvirt.listDomains(), []);
    assert.deepEqual(await readdir(journalDir(fixture.base.paths)), []);
  });
});

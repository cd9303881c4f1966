import assert from "node:assert/strict";
import { cp, mkdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import { readCatalogue } from "../../src/host/catalogue/catalogue.ts";
import { hostPaths } from "../../src/host/access/paths.ts";
import { readSettings } from "../../src/host/access/settings.ts";
import {
  checkRepository,
  initRepository,
  listRepository,
  releaseRepo,
} from "../../src/repository/index.ts";
import { parsePointer } from "../../src/publish/layout.ts";
import { openRecipe } from "../../src/source/index.ts";
import { runTool } from "../fixtures/appliance-folder.ts";
import { testContext } from "../support/context.ts";
import { writeSmallRecipe } from "../fixtures/small-recipe.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { openSmallRpms, type SmallRpms } from "../fixtures/small-rpm.ts";
import { withFolder } from "../support/temporary.ts";

const GIB = 1024 ** 3;

/** What may stand under the name of a small file: each costs who reads it blindly all its time, or all its memory. */
const impostors: Readonly<Record<string, (file: string) => Promise<unknown>>> = {
  "a FIFO": (file) => runTool("mkfifo", file),
  "a link to /dev/zero": (file) => symlink("/dev/zero", file),
  "a sparse file of 20 GiB": async (file) => {
    await writeFile(file, "");
    await truncate(file, 20 * GIB);
  },
  "a folder": (file) => mkdir(file),
};

/** Far more than any of these takes; what hangs would never end. */
const LIMIT_MS = 20_000;

/** Returns the outcome, which must come in time: a value or one of the program's own errors. */
async function inTime<T>(what: string, work: Promise<T>): Promise<T | ApplianceError> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: `${what} hangs` })), LIMIT_MS); // prettier-ignore
  });
  try {
    return await Promise.race([
      work.catch((error: unknown) => {
        if (error instanceof ApplianceError) return error;
        throw error;
      }),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

async function replace(file: string, by: (file: string) => Promise<unknown>): Promise<void> {
  await rm(file, { recursive: true, force: true });
  await by(file);
}

describe("a file that is not what its name says", () => {
  const context = testContext();
  let rpms: SmallRpms;
  let sound: string;
  let second: string;
  let generation: string;

  before(async () => {
    rpms = await openSmallRpms();
    second = await rpms.make("second");
    sound = path.join(rpms.folder, "sound");
    const { signer } = await testKey();
    const settings = { name: "demo", baseUrl: "https://example.com/demo/", signer };
    await initRepository(sound, { ...settings, packages: [await rpms.make("first")] }, context);
    const pointer = await readFile(path.join(sound, "mirrorlist"), "utf8");
    generation = `generations/${parsePointer(pointer) ?? ""}`;
  });
  after(() => rpms[Symbol.asyncDispose]());

  for (const [kind, make] of Object.entries(impostors)) {
    it(`is refused at once in a repository: ${kind}`, async () => {
      const { signer } = await testKey();
      // Who needs the file, and has to refuse it; the others have to come to an end.
      const readers: Readonly<Record<string, readonly string[]>> = {
        mirrorlist: ["list", "check", "add"],
        "demo.repo": ["check"],
        "RPM-GPG-KEY-demo": ["check"],
        "repodata/repomd.xml": ["check"],
        "repodata/repomd.xml.asc": ["check"],
        [`${generation}/repodata/repomd.xml`]: ["list", "check", "add"],
        [`${generation}/repodata/repomd.xml.asc`]: ["check"],
        [`${generation}/generation.json`]: [],
        ".virt-appliance/repository.json": ["list", "check", "add"],
        // Of any length: it is emptied, and never read as a whole.
        ".virt-appliance/lock": kind.startsWith("a sparse file") ? [] : ["add"],
      };
      for (const [place, who] of Object.entries(readers)) {
        const folder = path.join(rpms.folder, "spoilt");
        await cp(sound, folder, { recursive: true, verbatimSymlinks: true });
        await replace(path.join(folder, place), make);
        const commands = {
          list: () => listRepository(folder),
          check: () => checkRepository(folder, context),
          add: () => releaseRepo(folder, { add: [second] }, { signer }, context),
        };
        for (const [name, command] of Object.entries(commands)) {
          const what = `repo ${name} with ${kind} for ${place}`;
          const outcome = await inTime<unknown>(what, command());
          const isRefused =
            outcome instanceof ApplianceError ||
            (typeof outcome === "object" && outcome !== null && "ok" in outcome && !outcome.ok);
          if (who.includes(name)) assert.ok(isRefused, what);
        }
        await rm(folder, { recursive: true });
      }
    });

    it(
      `is refused at once in a recipe: ${kind}`,
      withFolder(async (folder) => {
        const names = ["appliance.xml", "small.ks", "parameters.yaml", "puppet/small/metadata.json"]; // prettier-ignore
        for (const [index, name] of names.entries()) {
          const recipe = path.join(folder, String(index));
          await writeSmallRecipe(recipe);
          await replace(path.join(recipe, name), make);
          const outcome = await inTime(`recipe, ${name}`, openRecipe(recipe, context));
          const isTold =
            outcome instanceof ApplianceError ||
            outcome.problems.some(({ message }) => message.includes(name));
          // A recipe need not have parameters, and a folder is no file.
          assert.ok(isTold || name === "parameters.yaml", `${kind} for ${name}`);
        }
      }),
    );

    it(
      `is refused at once on a host: ${kind}`,
      withFolder(async (folder) => {
        const paths = hostPaths(folder);
        await runTool("mkdir", "-p", paths.settingsDir, path.join(paths.catalogueDir, "a-1-1"));
        await replace(path.join(paths.settingsDir, "host.conf"), make);
        await replace(path.join(paths.catalogueDir, "a-1-1/catalogue.json"), make);
        assert.ok((await inTime("settings", readSettings(paths))) instanceof ApplianceError);
        const catalogue = await inTime("catalogue", readCatalogue(paths));
        assert.ok(!(catalogue instanceof ApplianceError) && catalogue.problems.length === 1);
      }),
    );
  }
});

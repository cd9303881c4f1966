import assert from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import path from "node:path";
import { ApplianceError } from "../../src/errors.ts";
import {
  checkRepository,
  initRepository,
  listRepository,
  releaseRepo,
} from "../../src/repository/index.ts";
import { testContext } from "../support/context.ts";
import { openSmallRpms, type SmallRpms } from "../fixtures/small-rpm.ts";

describe("packages in a repository", () => {
  const context = testContext();
  let rpms: SmallRpms;
  let count = 0;
  before(async () => {
    rpms = await openSmallRpms();
  });
  after(() => rpms[Symbol.asyncDispose]());

  async function make(): Promise<string> {
    const folder = path.join(rpms.folder, `repository-${(count += 1)}`);
    const settings = { name: "demo", baseUrl: "http://localhost/x", signer: undefined };
    await initRepository(folder, settings, context);
    return folder;
  }
  const unsigned = (name: string, options: object = {}): Promise<string> =>
    rpms.make(name, { signed: false, ...options });
  const identities = async (folder: string): Promise<string[]> =>
    (await listRepository(folder)).packages.map((one) => `${one.name} ${one.epoch}:${one.version}`);

  type Wanted = readonly [name: string, options?: object];
  const pairs: readonly { what: string; first: Wanted; second: Wanted }[] = [
    { what: "names", first: ["gtk+x"], second: ["gtk_x"] },
    { what: "names, the other way round", first: ["gtk_x"], second: ["gtk+x"] },
    { what: "names of two", first: ["a+b_c"], second: ["a_b+c"] },
    { what: "versions", first: ["v", { version: "1+2" }], second: ["v", { version: "1_2" }] },
    { what: "epochs", first: ["e", { tags: "Epoch: 1" }], second: ["e", { tags: "Epoch: 2" }] },
    { what: "an epoch alone", first: ["e"], second: ["e", { tags: "Epoch: 2" }] },
  ];
  for (const pair of pairs) {
    it(`are two where only file names would be the same: ${pair.what}`, async () => {
      const first = await unsigned(...pair.first);
      const second = await unsigned(...pair.second);
      const [together, apart] = [await make(), await make()];
      await releaseRepo(together, { add: [first, second] }, {}, context);
      await releaseRepo(apart, { add: [second] }, {}, context);
      await releaseRepo(apart, { add: [first] }, {}, context);
      const found = await identities(together);
      assert.equal(new Set(found).size, 2, found.join());
      assert.deepEqual(await identities(apart), found);
      assert.deepEqual((await checkRepository(apart, context)).problems, []);
      const again = await releaseRepo(together, { add: [first, second] }, {}, context);
      assert.equal(again.unchanged.length, 2);
      assert.equal(again.plan.changed, false);
    });
  }

  it("are removed by the name that they have, not by that of their file", async () => {
    const folder = await make();
    const add = [await unsigned("gtk+x"), await unsigned("gtk_x")];
    await releaseRepo(folder, { add }, {}, context);
    await releaseRepo(folder, { remove: ["gtk+x-1-1"] }, {}, context);
    assert.deepEqual(await identities(folder), ["gtk_x 0:1"]);
    const two = await make();
    await releaseRepo(two, { add }, {}, context);
    await releaseRepo(two, { remove: ["gtk_x-1-1.noarch"] }, {}, context);
    assert.deepEqual(await identities(two), ["gtk+x 0:1"]);
    const epochs = await make();
    const both = [
      await unsigned("e", { tags: "Epoch: 1" }),
      await unsigned("e", { tags: "Epoch: 2" }),
    ];
    await releaseRepo(epochs, { add: both }, {}, context);
    await releaseRepo(epochs, { remove: ["e-2:1-1"] }, {}, context);
    assert.deepEqual(await identities(epochs), ["e 1:1"]);
  });

  it("with texts that metadata cannot hold are all named, by path and tag, and nothing is added", async () => {
    const folder = await make();
    const control = (code: number): string => `%{lua:print(string.char(${code}))}`;
    const bad = {
      PROVIDENAME: await unsigned("provides", { tags: `Provides: sym(x:${control(2)}) = 1` }),
      URL: await unsigned("url", { tags: `URL: http://x/${control(27)}[200~` }),
      VENDOR: await unsigned("vendor", { tags: `Vendor: v${control(8)}` }),
      PACKAGER: await unsigned("two", {
        tags: `Vendor: v${control(8)}\nPackager: p${control(1)}`,
      }),
    };
    const good = await unsigned("good");
    const add = [good, ...Object.values(bad)];
    await assert.rejects(releaseRepo(folder, { add }, {}, context), (error) => {
      assert.ok(error instanceof ApplianceError);
      assert.equal(error.code, "REPO_BAD_PACKAGES");
      const text = error.details.join("\n");
      for (const [tag, file] of Object.entries(bad)) {
        const name = file.replaceAll(/[.+]/g, String.raw`\$&`);
        assert.match(text, new RegExp(`${name}: ${tag}.*U\\+00`));
      }
      assert.ok(!text.includes("staging"));
      return true;
    });
    assert.deepEqual(await identities(folder), []);
  });

  it("that are damaged are named by the path that was given", async () => {
    const folder = await make();
    const given = path.join(rpms.folder, "given.rpm");
    await copyFile(await unsigned("damaged"), given);
    await context.run("truncate", ["--size=-1", given]);
    await context.run("sh", ["-c", 'printf x >>"$1"', "sh", given]);
    await assert.rejects(releaseRepo(folder, { add: [given] }, {}, context), (error) => {
      assert.ok(error instanceof ApplianceError);
      assert.ok(
        error.details.every((one) => one.startsWith(`${given}: `) && !one.includes("staging")),
      );
      return error.code === "REPO_BAD_PACKAGES";
    });
  });
});

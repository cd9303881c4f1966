import assert from "node:assert/strict";
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import {
  checkRepository,
  initRepository,
  listRepository,
  releaseRepo,
  type ReleaseRequest,
  repairRepository,
} from "../../src/repository/index.ts";
import { directoryEffects, type DirectoryEffects } from "../../src/publish/directory-effects.ts";
import { openDirectoryStore } from "../../src/publish/index.ts";
import { testContext } from "../support/context.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { openSmallRpms, type SmallRpms } from "../fixtures/small-rpm.ts";

class Killed extends Error {}

/** When the process dies: in the middle of a change, or before it, which is right after the one before. */
type Moment = "before" | "within";

interface Dying {
  readonly effects: DirectoryEffects;
  readonly dead: boolean;
  /** Whether the change that it died at can be half done at all. */
  readonly hasMiddle: boolean;
}

/** Effects of a process that dies at its n-th change of the file system, and does nothing from then on. */
function dyingEffects(at: number, moment: Moment): Dying {
  const state = { count: 0, dead: false, hasMiddle: false };
  const wrap =
    <A extends readonly unknown[], R>(
      work: (...args: A) => Promise<R>,
      half?: (...args: A) => Promise<unknown>,
    ) =>
    async (...args: A): Promise<R> => {
      if (state.dead) throw new Killed();
      state.count += 1;
      if (state.count !== at) return work(...args);
      state.dead = true;
      state.hasMiddle = half !== undefined;
      if (moment === "within") await half?.(...args);
      throw new Killed();
    };
  const real = directoryEffects;
  const effects: DirectoryEffects = {
    makeFolder: wrap((folder) => real.makeFolder(folder)),
    writeNew: wrap(
      (file, content, options) => real.writeNew(file, content, options),
      (file, content) => real.writeNew(file, content.subarray(0, content.length / 2)),
    ),
    copyNew: wrap(
      (from, to, options) => real.copyNew(from, to, options),
      (_, to) => real.writeNew(to, Buffer.from("half")),
    ),
    link: wrap((from, to) => real.link(from, to)),
    syncFiles: wrap((all, run) => real.syncFiles(all, run)),
    symlink: wrap((text, at) => real.symlink(text, at)),
    rename: wrap((from, to) => real.rename(from, to)),
    remove: wrap(
      (target) => real.remove(target),
      async (target) => {
        const names: string[] = await readdir(target).catch(() => []);
        const first = names.sort().at(0);
        if (first !== undefined) await real.remove(path.join(target, first));
      },
    ),
    syncFolder: wrap((folder) => real.syncFolder(folder)),
  };
  return {
    effects,
    get dead() {
      return state.dead;
    },
    get hasMiddle() {
      return state.hasMiddle;
    },
  };
}

interface Scenario {
  readonly title: string;
  readonly signed: boolean;
  readonly retention: { readonly graceSeconds: number; readonly generations: number };
  readonly request: (files: Readonly<Record<string, string>>) => ReleaseRequest;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** What is in packages/ at the end. */
  readonly pool: readonly string[];
}

const scenarios: readonly Scenario[] = [
  {
    title: "adding a package and keeping all generations",
    signed: true,
    retention: { graceSeconds: 3600, generations: 3 },
    request: (files) => ({ add: [files["third"] ?? ""] }),
    before: ["second"],
    after: ["second", "third"],
    pool: ["first", "second", "third"],
  },
  {
    title: "replacing a package and dropping old generations",
    signed: false,
    retention: { graceSeconds: 0, generations: 1 },
    request: (files) => ({ add: [files["third"] ?? ""], remove: ["second-1-1"] }),
    before: ["second"],
    after: ["third"],
    pool: ["second", "third"],
  },
];

describe("a release that is killed", () => {
  const context = testContext();
  let rpms: SmallRpms;
  const files: Record<string, string> = {};

  before(async () => {
    rpms = await openSmallRpms();
    for (const name of ["first", "second", "third"]) files[name] = await rpms.make(name);
  });
  after(() => rpms[Symbol.asyncDispose]());

  async function names(folder: string): Promise<string[]> {
    return (await listRepository(folder)).packages.map((one) => one.name);
  }

  function poolNames(folder: string): Promise<string[]> {
    return readdir(path.join(folder, "packages")).then((all) =>
      all.map((name) => name.split("-")[0] ?? "").sort(),
    );
  }

  for (const scenario of scenarios) {
    it(`leaves the old or the new repository at every instant: ${scenario.title}`, async () => {
      const signer = scenario.signed ? (await testKey()).signer : undefined;
      const base = path.join(rpms.folder, `base-${scenarios.indexOf(scenario)}`);
      const { retention } = scenario;
      const options = { signer };
      const first = [files["first"] ?? ""];
      const settings = { name: "demo", baseUrl: "http://localhost/x", signer, retention };
      await initRepository(base, { ...settings, packages: first }, context);
      const request = { add: [files["second"] ?? ""], remove: ["first-1-1"] };
      await releaseRepo(base, request, options, context);

      let finished = false;
      let instants = 0;
      for (let n = 1; !finished; n += 1) {
        for (let moment: Moment | undefined = "before"; moment !== undefined;) {
          const folder = path.join(rpms.folder, "victim");
          await rm(folder, { recursive: true, force: true });
          await context.run("cp", ["-a", base, folder]);
          const dying = dyingEffects(n, moment);
          const store = openDirectoryStore(folder, dying.effects);
          const place: string = `${moment} change ${n}`;
          const outcome = await releaseRepo(
            folder,
            scenario.request(files),
            { signer, store },
            context,
          )
            .then(() => "done")
            .catch((error: unknown) => error);
          if (!dying.dead) {
            assert.equal(outcome, "done", place);
            finished = true;
            break;
          }
          instants += 1;
          moment = moment === "before" && dying.hasMiddle ? "within" : undefined;
          const seen = await names(folder);
          const isOld = seen.join() === scenario.before.join();
          const isNew = seen.join() === scenario.after.join();
          assert.ok(isOld || isNew, `${place}: clients see ${seen.join()}`);
          const { problems } = await checkRepository(folder, context);
          // The conventional view may lag behind the pointer; the generation itself never has a fault.
          const faults = problems.filter((one) => /^generations|^mirrorlist|^demo|^RPM/.test(one));
          assert.deepEqual(faults, [], place);

          await repairRepository(folder, context);
          assert.deepEqual((await checkRepository(folder, context)).problems, [], place);

          await releaseRepo(folder, scenario.request(files), options, context).catch(
            async (error) => {
              // When the new repository is there, what was to be removed is gone already.
              assert.equal(isNew && error.code, "REPO_UNKNOWN_PACKAGE", place);
              await releaseRepo(folder, {}, options, context);
            },
          );
          assert.deepEqual((await checkRepository(folder, context)).problems, [], place);
          assert.deepEqual(await names(folder), scenario.after, place);
          assert.deepEqual(
            (await readdir(path.join(folder, ".virt-appliance"))).sort(),
            ["lock", "repository.json"],
            place,
          );
          assert.deepEqual(await poolNames(folder), scenario.pool, place);
        }
      }
      assert.ok(instants > 50, `only ${instants} instants were tried`);
    });
  }
});

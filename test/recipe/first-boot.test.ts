import assert from "node:assert/strict";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { type PuppetRun, renderFirstBoot } from "../../src/recipe/index.ts";
import { renderFirstBootScript } from "../../src/recipe/first-boot/puppet-run.ts";
import { testContext } from "../support/context.ts";
import { withFolder } from "../support/temporary.ts";

const FOLDER = "etc/virt-appliance/first-boot";
const MARK = "var/lib/virt-appliance/first-boot-done";

/** Returns a text whose absolute paths are below a folder. */
function below(root: string, text: string): string {
  return text.replaceAll(
    /(^|[ '">])(\/(?:etc|usr\/libexec|var\/lib|dev\/console))/gm,
    (_, before: string, place: string) => `${before}${root}${place}`,
  );
}

/** Runs the section as an installer does, with a folder for its root. */
async function install(root: string, run: PuppetRun): Promise<void> {
  const section = renderFirstBoot(
    {
      vm: "vm1",
      recipe: "web-1.0-1",
      module: "web",
      run,
      values: [
        {
          parameter: {
            name: "password",
            type: "string",
            description: undefined,
            default: undefined,
            required: true,
            secret: true,
            pattern: undefined,
            values: [],
            line: 1,
          },
          value: "hunter2",
          origin: "--set",
        },
      ],
      files: [
        { path: "manifests/init.pp", content: Buffer.from("class web {}\n"), isExecutable: false },
        { path: "files/run.sh", content: Buffer.from("#!/bin/sh\n"), isExecutable: true },
      ],
    },
    { masked: false },
  );
  await mkdir(path.join(root, "dev"));
  await mkdir(path.join(root, "usr/lib/systemd/system"), { recursive: true });
  const body = section.replaceAll(/^(?:%post .*|%end|# -- .*)$/gm, "");
  await testContext().run("sh", ["-c", below(root, body)]);
}

async function modeOf(root: string, name: string): Promise<string> {
  return ((await stat(path.join(root, name))).mode & 0o7777).toString(8);
}

describe("what an installer leaves for the first boot", () => {
  it(
    "is root's alone where it may hold secrets, and keeps what is executable",
    withFolder(async (root) => {
      await install(root, { kind: "apply" });
      assert.match(await readFile(path.join(root, FOLDER, "data/node.yaml"), "utf8"), /hunter2/);
      const modes: Readonly<Record<string, string>> = {
        [FOLDER]: "700",
        [`${FOLDER}/data/node.yaml`]: "600",
        [`${FOLDER}/hiera.yaml`]: "600",
        [`${FOLDER}/site.pp`]: "600",
        [`${FOLDER}/modules/web/manifests/init.pp`]: "644",
        [`${FOLDER}/modules/web/files/run.sh`]: "755",
        "usr/libexec/virt-appliance/first-boot": "755",
        "etc/systemd/system/virt-appliance-first-boot.service": "644",
      };
      for (const [name, mode] of Object.entries(modes))
        assert.equal(await modeOf(root, name), mode, name);
    }),
  );

  it(
    "is a private folder for a VM that has a server, too, without data",
    withFolder(async (root) => {
      await install(root, { kind: "agent", server: "puppet.example.com" });
      assert.equal(await modeOf(root, FOLDER), "700");
      await assert.rejects(stat(path.join(root, FOLDER, "data/node.yaml")));
    }),
  );
});

describe("the script of the first boot", () => {
  /** Runs it with a puppet that ends with these statuses, one after the other; returns its status and how often it ran. */
  async function run(
    root: string,
    statuses: readonly number[],
    how: PuppetRun = { kind: "apply" },
  ): Promise<{ readonly status: number; readonly runs: number; readonly isDone: boolean }> {
    const bin = path.join(root, "bin");
    await mkdir(bin, { recursive: true });
    const log = path.join(root, "runs");
    await writeFile(log, "");
    await writeFile(
      path.join(bin, "puppet"),
      `#!/bin/sh
[ "$1" != config ] || exit 0
echo run >>${log}
set -- ${statuses.join(" ")}
n=$(wc -l <${log})
[ "$n" -le $# ] || n=$#
shift $((n - 1))
exit "$1"
`,
    );
    await chmod(path.join(bin, "puppet"), 0o755);
    const script = below(root, renderFirstBootScript({ recipe: "web-1.0-1", run: how })).replace(
      /^done_file=.*$/m,
      `done_file=${root}/${MARK}`,
    );
    const { exitCode } = await testContext().run("sh", ["-c", script], {
      acceptExitCodes: [1],
      env: { PATH: `${bin}:/usr/bin:/bin`, FIRST_BOOT_PAUSE: "0" },
    });
    const runs = (await readFile(log, "utf8")).split("\n").length - 1;
    const isDone = await stat(path.join(root, MARK)).then(
      () => true,
      () => false,
    );
    return { status: exitCode, runs, isDone };
  }

  // 2: changed; 4: failures; 6: both; 1: the run itself failed.
  const cases: readonly (readonly [readonly number[], number, number])[] = [
    [[0], 0, 1],
    [[2], 0, 1],
    [[4, 2], 0, 2],
    [[6, 1, 0], 0, 3],
    [[1], 1, 3],
    [[4], 1, 3],
    [[6], 1, 3],
  ];
  for (const [statuses, status, runs] of cases)
    it(
      `${status === 0 ? "is done" : "is not done"} when puppet ends with ${statuses.join(", then ")}`,
      withFolder(async (root) => {
        assert.deepEqual(await run(root, statuses), { status, runs, isDone: status === 0 });
      }),
    );

  it(
    "tries a server more often, and runs no puppet once it is done",
    withFolder(async (root) => {
      const agent: PuppetRun = { kind: "agent", server: undefined };
      assert.deepEqual(await run(root, [1], agent), { status: 1, runs: 20, isDone: false });
      assert.deepEqual(await run(root, [2]), { status: 0, runs: 1, isDone: true });
      assert.deepEqual(await run(root, [1]), { status: 0, runs: 0, isDone: true });
    }),
  );
});

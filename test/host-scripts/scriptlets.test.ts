import assert from "node:assert/strict";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { testContext } from "../support/context.ts";
import { namesIn, withFolder } from "../support/temporary.ts";

const SCRIPTLETS = path.join(import.meta.dirname, "../../spec-templates/scriptlets");
const HELPER = "usr/lib/systemd/systemd-update-helper";
const RECONCILE = "usr/libexec/virt-appliance/reconcile";
const STATE = "var/lib/virt-appliance";

async function writeProgram(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${text}\n`);
  await chmod(file, 0o755);
}

/** Makes a program that writes down its name, arguments and standard input, and fails. */
async function recorder(root: string, file: string): Promise<void> {
  const name = path.basename(file);
  const log = path.join(root, "calls");
  const text = `{ printf '%s' "${name} $*"; sed 's/^/ < /'; echo; } >>'${log}'; exit 1`;
  await writeProgram(path.join(root, file), text);
}

/** Runs a scriptlet below a folder as if that were the root, and returns the programs that it called. */
async function runScriptlet(
  root: string,
  name: string,
  { args = [], input = "" }: { readonly args?: readonly string[]; readonly input?: string } = {},
): Promise<readonly string[]> {
  const text = await readFile(path.join(SCRIPTLETS, name), "utf8");
  const below = text
    .replaceAll(/(?<![\w/])\/(?=usr\/|var\/)/g, `${root}/`)
    .replaceAll("@PACKAGE@-@VR@", "web-appliance-1.0-1");
  const script = path.join(root, "scriptlet");
  await writeFile(script, below);
  await writeFile(path.join(root, "calls"), "");
  // rpm takes any other status than 0 for a failed scriptlet.
  const env = { PATH: `${path.join(root, "bin")}:${process.env["PATH"] ?? ""}` };
  await testContext().run("sh", [script, ...args], { input, env });
  const calls = await readFile(path.join(root, "calls"), "utf8");
  return calls.split("\n").filter((line) => line !== "");
}

const HOST_UNIT = "virt-appliance-reconcile.service";
const TOOL_UNITS = "virt-appliance-gc.timer virt-appliance-recover.service";

/** Scriptlet, how many versions are installed afterwards, what systemd's helper and what systemctl are called with. */
const units: readonly (readonly [string, number, string?, string?])[] = [
  ["host-post.sh", 1, `install-system-units ${HOST_UNIT}`, `--no-reload preset ${HOST_UNIT}`],
  ["host-post.sh", 2],
  [
    "host-preun.sh",
    0,
    `remove-system-units ${HOST_UNIT}`,
    `--no-reload disable --now ${HOST_UNIT}`,
  ],
  ["host-preun.sh", 1],
  ["tool-post.sh", 1, `install-system-units ${TOOL_UNITS}`, `--no-reload preset ${TOOL_UNITS}`],
  ["tool-post.sh", 2],
  [
    "tool-preun.sh",
    0,
    `remove-system-units ${TOOL_UNITS}`,
    `--no-reload disable --now ${TOOL_UNITS}`,
  ],
  ["tool-preun.sh", 1],
];

describe("scriptlets", () => {
  for (const [name, left, helped, direct] of units) {
    it(
      `${name} ${helped === undefined ? "leaves units alone" : "sets up units"} with ${left} versions left`,
      withFolder(async (root) => {
        await recorder(root, "bin/systemctl");
        const own = await runScriptlet(root, name, { args: [String(left)] });
        assert.deepEqual(own, direct === undefined ? [] : [`systemctl ${direct}`]);
        await recorder(root, HELPER);
        const calls = await runScriptlet(root, name, { args: [String(left)] });
        assert.deepEqual(calls, helped === undefined ? [] : [`systemd-update-helper ${helped}`]);
      }),
    );
  }

  it(
    "host-preun.sh removes outcomes with the last version only, and never a base's record",
    withFolder(async (root) => {
      for (const folder of ["bases", "registered"]) {
        await mkdir(path.join(root, STATE, folder), { recursive: true });
        await writeFile(path.join(root, STATE, folder, "web-appliance-1.0-1"), "");
      }
      await writeFile(path.join(root, STATE, "lock"), "");
      await recorder(root, HELPER);
      await runScriptlet(root, "host-preun.sh", { args: ["1"] });
      assert.deepEqual(await namesIn(path.join(root, STATE)), ["bases", "lock", "registered"]);
      assert.equal((await namesIn(path.join(root, STATE, "registered"))).length, 1);
      await runScriptlet(root, "host-preun.sh", { args: ["0"] });
      assert.deepEqual(await namesIn(path.join(root, STATE)), ["bases", "registered"]);
      assert.deepEqual(await namesIn(path.join(root, STATE, "registered")), []);
      assert.equal((await namesIn(path.join(root, STATE, "bases"))).length, 1);
    }),
  );

  // What rpm writes to a trigger's standard input is longer than a pipe holds, and nothing that reconcile should read.
  const input = "/usr/share/virt-appliance/catalog.d/x\n".repeat(10_000);
  for (const [name, expected] of [
    ["hook-in.sh", "reconcile --quiet"],
    ["hook-postun.sh", "reconcile --quiet"],
    ["post.sh", "reconcile --quiet --package web-appliance-1.0-1"],
  ] as const) {
    it(
      `${name} runs ${expected}, and succeeds though that fails or is not there`,
      withFolder(async (root) => {
        const given = name === "hook-in.sh" ? input : "";
        assert.deepEqual(await runScriptlet(root, name, { input: given }), []);
        await recorder(root, RECONCILE);
        assert.deepEqual(await runScriptlet(root, name, { input: given }), [expected]);
      }),
    );
  }
});

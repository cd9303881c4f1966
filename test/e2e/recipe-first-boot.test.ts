import assert from "node:assert/strict";
import {
  openSimulatedHost,
  type SimulatedHost,
} from "../../examples/simulated-host/simulated-host.ts";
import {
  INSTALLED_MARK,
  layerOfArguments,
  parseKickstart,
  parseParameters,
  type PuppetRun,
  renderFirstBoot,
  type ResolvedParameter,
} from "../../src/recipe/index.ts";
import { testContext } from "../support/context.ts";

const SCRIPT = "/usr/libexec/virt-appliance/first-boot";
const UNIT = "/etc/systemd/system/virt-appliance-first-boot.service";
const FOLDER = "/etc/virt-appliance/first-boot";

/** All that means something to a kickstart, a shell, YAML, Hiera or Puppet. */
const NASTY = `'"\`$(touch /tmp/pwned)\`" %{facts} \${x} \\\n%end\nVA_END\n- a: b # ü\t@@hub@@`;

function valueOf(text: string): ResolvedParameter {
  const { parameters } = parseParameters("- name: hub\n", "parameters.yaml");
  const [parameter] = parameters;
  const value = layerOfArguments([`hub=${text}`], "--set").layer.values.get("hub")?.value;
  assert.ok(parameter !== undefined && value !== undefined);
  return { parameter, value, origin: "--set\n%end" };
}

const MANIFEST = `class small(String $hub, String $own) {
  file { '/tmp/hub': content => $hub }
  file { '/tmp/own': content => $own }
}
`;
const HIERA = "version: 5\nhierarchy: [{ name: all, path: all.yaml }]\n";

function sectionOf(run: PuppetRun): string {
  const file = (path: string, text: string) => ({
    path,
    content: Buffer.from(text),
    isExecutable: path.endsWith(".sh"),
  });
  const files = [
    file("manifests/init.pp", MANIFEST),
    file("hiera.yaml", HIERA),
    file("data/all.yaml", "small::own: of the module\nsmall::hub: hidden\n"),
    file("files/empty", ""),
    file("files/run.sh", "#!/bin/sh\n"),
  ];
  return renderFirstBoot(
    {
      vm: "vm1",
      recipe: "small-1.0-1",
      module: "small",
      values: [valueOf(NASTY)],
      run,
      files: run.kind === "apply" ? files : [],
    },
    { masked: false },
  );
}

describe("the first boot of a VM", () => {
  let host: SimulatedHost;
  beforeEach(async () => {
    host = await openSimulatedHost(testContext());
    await host.sh(`rm -rf /etc/virt-appliance; rm -f /var/lib/virt-appliance/first-boot-done
      : >/dev/console; mkdir -p /usr/lib/systemd/system`);
  });
  afterEach(() => host.dispose());

  /** Runs the section as an installer does in the new system. */
  async function install(run: PuppetRun): Promise<void> {
    const parsed = parseKickstart(`poweroff\n${sectionOf(run)}`, "kickstart");
    assert.deepEqual(parsed.problems, []);
    const sections = parsed.kickstart.items.filter((item) => item.kind === "section");
    assert.equal(sections.length, 1, "no value ends the section");
    const script = sections[0]?.body.map(({ text }) => text).join("") ?? "";
    const { stdout, stderr } = await host.run(["sh"], { input: script });
    assert.equal(stdout + stderr, "");
    assert.equal(await host.readText("/dev/console"), `${INSTALLED_MARK}\n`);
  }

  it("applies the module that was installed with it, by the real Puppet", async () => {
    await install({ kind: "apply" });
    const { stdout: modes } = await host.sh(
      `stat -c '%a %n' ${FOLDER} ${FOLDER}/data/node.yaml ${FOLDER}/modules/small/files/* ${SCRIPT} ${UNIT}`,
    );
    assert.deepEqual(modes.trim().split("\n"), [
      `700 ${FOLDER}`,
      `600 ${FOLDER}/data/node.yaml`,
      `644 ${FOLDER}/modules/small/files/empty`,
      `755 ${FOLDER}/modules/small/files/run.sh`,
      `755 ${SCRIPT}`,
      `644 ${UNIT}`,
    ]);
    const { stdout } = await host.run([SCRIPT]);
    assert.match(stdout, /virt-appliance: first boot: small-1.0-1 is configured\n$/);
    assert.equal(await host.readText("/tmp/hub"), NASTY);
    assert.equal(await host.readText("/tmp/own"), "of the module");
    assert.equal((await host.sh("ls /tmp/pwned 2>&1 || :")).stdout.includes("No such"), true);
    // Once is enough.
    assert.equal((await host.run([SCRIPT])).stdout, "");
  });

  it("is what systemd runs, where it is", async () => {
    await install({ kind: "agent", server: undefined });
    const { stdout } = await host.sh(
      `readlink -f /etc/systemd/system/multi-user.target.wants/virt-appliance-first-boot.service`,
    );
    assert.equal(stdout.trim(), UNIT);
    await host.sh(`! command -v systemd-analyze >/dev/null || systemd-analyze verify ${UNIT}`);
    await host.sh(`dash -n ${SCRIPT} && shellcheck ${SCRIPT}`);
  });

  it("asks the site's server again until it answers, and at the next boot", async () => {
    await install({ kind: "agent", server: "puppet'; touch /tmp/pwned; '.example.com" });
    await host.writeText(
      "/tmp/fake/puppet",
      `#!/bin/sh
printf '<%s>' "$@" >>/tmp/calls; echo >>/tmp/calls
[ -e /tmp/up ] && exit 2
[ "$(wc -l </tmp/calls)" -lt 3 ] && exit 1
exit 4
`,
    );
    await host.sh("chmod +x /tmp/fake/puppet");
    const env = { PATH: "/tmp/fake:/usr/bin:/bin", FIRST_BOOT_PAUSE: "0" };
    const failed = await host.run([SCRIPT], { env, accept: [1] });
    assert.equal(failed.exitCode, 1);
    assert.match(failed.stdout, /puppet ended with status 1, try 1 of 20\n/);
    assert.match(failed.stdout, /puppet ended with status 4, try 20 of 20\n$/);
    await host.sh(": >/tmp/up");
    assert.match((await host.run([SCRIPT], { env })).stdout, /is configured\n$/);
    assert.equal((await host.run([SCRIPT], { env })).stdout, "");
    const calls = (await host.readText("/tmp/calls")).trim().split("\n");
    assert.equal(calls.length, 21);
    const expected = [
      "agent --onetime --no-daemonize --verbose --no-usecacheonfailure --no-splay",
      "--detailed-exitcodes --color=false --waitforcert 60",
    ]
      .join(" ")
      .split(" ")
      .concat("--server=puppet'; touch /tmp/pwned; '.example.com")
      .map((word) => `<${word}>`)
      .join("");
    assert.deepEqual([...new Set(calls)], [expected]);
    await assert.rejects(host.readText("/tmp/pwned"));
  });

  it("says so where there is no Puppet", async () => {
    await install({ kind: "agent", server: undefined });
    await host.sh("mkdir /tmp/none && ln -s /usr/bin/dash /tmp/none/sh");
    const { exitCode, stdout } = await host.run(
      ["sh", "-c", `PATH=/tmp/none exec /bin/sh ${SCRIPT}`],
      { accept: "any" },
    );
    assert.equal(exitCode, 1);
    assert.match(stdout, /puppet is not installed/);
  });
});

import assert from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import path from "node:path";
import {
  openSimulatedHost,
  type SimulatedHost,
} from "../../examples/simulated-host/simulated-host.ts";
import { signRpm } from "../../src/sign/index.ts";
import { fullPackage, neighbour, SCRIPT_LOG } from "../fixtures/full-package.ts";
import { buildInto } from "../fixtures/package-plan.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

const context = testContext();

/** A repository of plain files, whose packages are signed. dnf and zypper read the same description. */
const REPOSITORY = `[test]
name=test
baseurl=file:///srv/repo
gpgcheck=1
pkg_gpgcheck=1
repo_gpgcheck=0
gpgkey=file:///srv/repo/RPM-GPG-KEY-test
`;

/** A program that installs packages. */
interface Client {
  readonly name: string;
  readonly repositoryFile: string;
  readonly install: string;
  readonly upgrade: string;
  readonly downgrade: string;
  readonly remove: string;
  /** What it leaves of the scriptlets that rpm would run. */
  readonly ran: (scriptlets: readonly string[]) => readonly string[];
}

const zypper = "zypper --quiet --non-interactive --gpg-auto-import-keys";
const clients: readonly Client[] = [
  {
    name: "dnf",
    repositoryFile: "/etc/yum.repos.d/test.repo",
    install: "dnf -y -q install",
    upgrade: "dnf -y -q upgrade",
    downgrade: "dnf -y -q downgrade",
    remove: "dnf -y -q remove",
    ran: (scriptlets) => scriptlets,
  },
  {
    name: "zypper",
    repositoryFile: "/etc/zypp/repos.d/test.repo",
    install: `${zypper} install`,
    upgrade: `${zypper} update`,
    downgrade: `${zypper} install --oldpackage`,
    remove: `${zypper} remove`,
    // libzypp before 17.31.21 forbids rpm what comes last (rpm --noposttrans), and runs %posttrans itself, with a 1.
    ran: (scriptlets) =>
      scriptlets
        .filter((line) => !line.startsWith("transaction in"))
        .map((line) => line.replace(/^(posttrans .*): 2$/, "$1: 1")),
  },
];

/** Both priorities of a file trigger, the higher one first. */
const both = (event: string, rest: string): string[] =>
  [200, 100].map((priority) => `${event} ${priority} ${rest}`);
const NEIGHBOURS = "/opt/neighbour /opt/neighbour/file ";

/** What runs when one version takes the place of another, beside its neighbour. Source: rpm-scriptlets(7), and rpm 4.18. */
const replacing = (from: string, to: string): readonly string[] => [
  `pretrans ${to}: 2`,
  ...both("transaction un", `${from}: 0 ${NEIGHBOURS}`),
  `triggerprein of neighbour ${to}: 1 1`,
  `pre ${to}: 2`,
  `post ${to}: 2`,
  `triggerin of neighbour ${to}: 2 1`,
  ...both("file in", `${to}: 0 ${NEIGHBOURS}`),
  `triggerun of neighbour ${from}: 1 1`,
  `preun ${from}: 1`,
  ...both("file un", `${from}: 0 ${NEIGHBOURS}`),
  `postun ${from}: 1`,
  `posttrans ${to}: 2`,
  ...both("transaction in", `${to}: 0 ${NEIGHBOURS}`),
];

/** The administrator's configuration, beside that of a version. */
const edited = (version: string): string =>
  [
    "conf:mine",
    `conf.rpmnew:version=${version}`,
    `plain-conf:version=${version}`,
    "plain-conf.rpmsave:mine",
    "",
  ].join("\n");

describe("a package with everything that a plan can hold", () => {
  const folder = temporaryFolder();
  const repository = path.join(folder, "out");
  before(async () => {
    const { signer, generated } = await testKey();
    for (const plan of [fullPackage("1.0"), fullPackage("2.0"), neighbour()]) {
      const { path: file } = await buildInto(folder, plan, { staged: { disk: "disk" } });
      await signRpm(file, signer, context);
    }
    await copyFile(generated.publicPath, path.join(repository, "RPM-GPG-KEY-test"));
    await context.run("createrepo_c", ["--quiet", repository]);
  });

  async function assertInstalled(host: SimulatedHost): Promise<void> {
    const { stdout: capabilities } = await host.sh("cd /opt/full/bin; getcap program*");
    assert.equal(
      capabilities,
      "program cap_net_bind_service,cap_net_raw=ep\nprogram-too cap_net_bind_service,cap_net_raw=ep\n",
    );
    const names = "disk other-name zz-third-name";
    const { stdout } = await host.sh(`cd /opt/full; stat -c '%i %h' ${names}`);
    const [first, ...others] = stdout.trimEnd().split("\n");
    assert.match(first ?? "", /^\d+ 3$/);
    assert.deepEqual(others, [first, first]);
    assert.equal((await host.sh("cat '/opt/full/ünï 日本 1.0' /opt/full/link")).stdout, "x\ndisk");
    await host.sh("rpm -V full");
  }

  for (const client of clients) {
    it(`is installed, upgraded, downgraded and removed by ${client.name}`, async () => {
      await using host = await openSimulatedHost(context, { shares: { "/srv/repo": repository } });
      await host.writeText(client.repositoryFile, REPOSITORY);
      /** Runs a command, and compares what scriptlets ran. */
      const expectRuns = async (command: string, expected: readonly string[]): Promise<void> => {
        await host.writeText(SCRIPT_LOG, "");
        await host.sh(command);
        const log = (await host.readText(SCRIPT_LOG)).split("\n").slice(0, -1);
        assert.deepEqual(log, client.ran(expected), command);
      };
      const settings = async (): Promise<string> =>
        (await host.sh("cd /opt/full; grep . *conf*")).stdout;

      await expectRuns(
        `${client.install} full-2:1.0`,
        ["pretrans", "pre", "post", "posttrans"].map((slot) => `${slot} 1.0: 1`),
      );
      await assertInstalled(host);
      await host.sh("cd /opt/full; echo mine >conf; echo mine >plain-conf; echo mine >ghost");

      await expectRuns(`${client.install} neighbour`, [
        "triggerprein of neighbour 1.0: 1 0",
        "pre neighbour: 1",
        "post neighbour: 1",
        "triggerin of neighbour 1.0: 1 1",
        ...both("file in", `1.0: 0 ${NEIGHBOURS}`),
        "posttrans neighbour: 1",
        ...both("transaction in", `1.0: 0 ${NEIGHBOURS}`),
      ]);
      await expectRuns(`${client.upgrade} full`, replacing("1.0", "2.0"));
      assert.equal(await settings(), edited("2.0"));
      await expectRuns(`${client.downgrade} full-2:1.0`, replacing("2.0", "1.0"));
      assert.equal(await settings(), edited("1.0"));

      await expectRuns(`${client.remove} neighbour`, [
        ...both("transaction un", `1.0: 0 ${NEIGHBOURS}`),
        "triggerun of neighbour 1.0: 1 0",
        "preun neighbour: 0",
        ...both("file un", `1.0: 0 ${NEIGHBOURS}`),
        "postun neighbour: 0",
        "triggerpostun of neighbour 1.0: 1 0",
        ...both("file postun", "1.0: 0"),
        ...both("transaction postun", "1.0: 0"),
      ]);
      await expectRuns(`${client.remove} full`, ["preun 1.0: 0", "postun 1.0: 0"]);
      const left = (await host.sh("cd /opt; find full neighbour 2>/dev/null | sort")).stdout;
      const kept = ["conf.rpmnew", "conf.rpmsave", "plain-conf.rpmsave"];
      assert.deepEqual(left.trimEnd().split("\n"), ["full", ...kept.map((name) => `full/${name}`)]);
    });
  }
});

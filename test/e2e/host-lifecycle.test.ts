import assert from "node:assert/strict";
import type { SimulatedHost } from "../../examples/simulated-host/simulated-host.ts";
import {
  type PackageHost,
  type HostState,
  openPackageHost,
  resetHost,
  stateOf,
} from "../fixtures/package-host.ts";

const HOST = "virt-appliance-host-0.2.0-1";
const OLD_HOST = "virt-appliance-host-0.1.0-1";
const web = (version: string): string => `web-appliance-${version}-1`;
const baseOf = (version: string): string => `${web(version)}-system.qcow2`;

/** A state in short: versions of the host package and of web-appliance installed; versions with a base. */
function expectState(host: string | undefined, installed: string[], bases: string[]): HostState {
  return {
    packages: [...(host === undefined ? [] : [host]), ...installed.map(web)].sort(),
    bases: bases.map(baseOf).sort(),
    registered:
      host === undefined ? [] : installed.map((version) => `${web(version)}: complete`).sort(),
  };
}

interface Step {
  /** A shell line. */
  readonly run: string;
  readonly expected: HostState;
}

const dnf = (words: string): string => `dnf -y -q ${words}`;
const installOne: Step = {
  run: dnf(`install ${web("1.0")}`),
  expected: expectState(HOST, ["1.0"], ["1.0"]),
};
const installTwo: Step = {
  run: dnf("upgrade"),
  expected: expectState(HOST, ["1.0", "1.3"], ["1.0", "1.3"]),
};

const stories: Readonly<Record<string, readonly Step[]>> = {
  "install, reinstall, remove, install again": [
    installOne,
    { ...installOne, run: dnf(`reinstall ${web("1.0")}`) },
    // The host package was installed as a dependency and is removed with the last appliance.
    { run: dnf("remove web-appliance"), expected: expectState(undefined, [], ["1.0"]) },
    installOne,
  ],
  "upgrade keeps versions side by side, removal of either leaves both bases": [
    installOne,
    installTwo,
    {
      run: dnf(`remove ${web("1.0")}`),
      expected: expectState(HOST, ["1.3"], ["1.0", "1.3"]),
    },
    { run: dnf("remove web-appliance"), expected: expectState(undefined, [], ["1.0", "1.3"]) },
  ],
  "the oldest of four versions is pruned, its base is not": [
    ...["1.0", "1.1", "1.2"].map((version, index, all): Step => {
      const upTo = all.slice(0, index + 1);
      return { run: dnf(`install ${web(version)}`), expected: expectState(HOST, upTo, upTo) };
    }),
    {
      run: dnf(`install ${web("1.3")}`),
      expected: expectState(HOST, ["1.1", "1.2", "1.3"], ["1.0", "1.1", "1.2", "1.3"]),
    },
  ],
  "history undo of install, upgrade and removal": [
    { run: dnf("install virt-appliance-host"), expected: expectState(HOST, [], []) },
    installOne,
    { run: dnf("history undo last"), expected: expectState(HOST, [], ["1.0"]) },
    installOne,
    installTwo,
    {
      run: dnf("history undo last"),
      expected: expectState(HOST, ["1.0"], ["1.0", "1.3"]),
    },
    { run: dnf("remove web-appliance"), expected: expectState(HOST, [], ["1.0", "1.3"]) },
    {
      run: dnf("history undo last"),
      expected: expectState(HOST, ["1.0"], ["1.0", "1.3"]),
    },
  ],
  "an older version beside a newer one, by dnf and by rpm": [
    { run: dnf(`install ${web("1.3")}`), expected: expectState(HOST, ["1.3"], ["1.3"]) },
    {
      run: dnf(`install ${web("1.0")}`),
      expected: expectState(HOST, ["1.0", "1.3"], ["1.0", "1.3"]),
    },
    {
      run: `rpm -e ${web("1.3")}`,
      expected: expectState(HOST, ["1.0"], ["1.0", "1.3"]),
    },
    {
      run: `rpm -i /srv/repo/${web("1.3")}.x86_64.rpm`,
      expected: expectState(HOST, ["1.0", "1.3"], ["1.0", "1.3"]),
    },
  ],
  "replacing a version, as rpm -U and zypper do, and going back": [
    installOne,
    {
      run: `rpm -U /srv/repo/${web("1.3")}.x86_64.rpm`,
      expected: expectState(HOST, ["1.3"], ["1.0", "1.3"]),
    },
    {
      run: `rpm -U --oldpackage /srv/repo/${web("1.0")}.x86_64.rpm`,
      expected: expectState(HOST, ["1.0"], ["1.0", "1.3"]),
    },
  ],
  "the host package: reinstall, downgrade, upgrade, undo": [
    installOne,
    { ...installOne, run: dnf("reinstall virt-appliance-host") },
    {
      run: dnf("downgrade virt-appliance-host"),
      expected: expectState(OLD_HOST, ["1.0"], ["1.0"]),
    },
    {
      run: dnf("upgrade virt-appliance-host"),
      expected: expectState(HOST, ["1.0"], ["1.0"]),
    },
    { run: dnf("history undo last"), expected: expectState(OLD_HOST, ["1.0"], ["1.0"]) },
  ],
  "appliance and host package upgraded in one transaction": [
    {
      run: dnf(`install virt-appliance-host-0.1.0 ${web("1.0")}`),
      expected: expectState(OLD_HOST, ["1.0"], ["1.0"]),
    },
    installTwo,
    {
      run: dnf("history undo last"),
      expected: expectState(OLD_HOST, ["1.0"], ["1.0", "1.3"]),
    },
  ],
  "removing the host package takes the appliances, never their bases": [
    installOne,
    { run: dnf("remove virt-appliance-host"), expected: expectState(undefined, [], ["1.0"]) },
    { run: dnf("history undo last"), expected: expectState(HOST, ["1.0"], ["1.0"]) },
  ],
  "the host package goes and comes back while an appliance stays": [
    installOne,
    {
      run: "rpm -e --nodeps virt-appliance-host",
      expected: expectState(undefined, ["1.0"], ["1.0"]),
    },
    {
      run: `rpm -U --nodeps /srv/repo/${web("1.3")}.x86_64.rpm`,
      expected: expectState(undefined, ["1.3"], ["1.0"]),
    },
    {
      run: dnf("install virt-appliance-host"),
      expected: expectState(HOST, ["1.3"], ["1.0", "1.3"]),
    },
  ],
  "an appliance first, the host package after it": [
    {
      run: `rpm -i --nodeps /srv/repo/${web("1.0")}.x86_64.rpm`,
      expected: expectState(undefined, ["1.0"], []),
    },
    { ...installOne, run: dnf("install virt-appliance-host") },
  ],
};

describe("packages on a host without a libvirt daemon", () => {
  let testHost: PackageHost;
  let host: SimulatedHost;
  before(async () => {
    const versions = ["1.0", "1.1", "1.2", "1.3"];
    testHost = await openPackageHost(versions.map((version) => ({ name: "web", version })));
    ({ host } = testHost);
  });
  after(() => testHost.dispose());
  beforeEach(() => resetHost(host));

  for (const [what, steps] of Object.entries(stories)) {
    it(what, async () => {
      for (const step of steps) {
        const { stderr } = await host.sh(step.run);
        assert.doesNotMatch(stderr, /scriptlet|virt-appliance:/i, step.run);
        assert.deepEqual(await stateOf(host), step.expected, step.run);
      }
    });
  }
});

import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { openSimulatedHost } from "../../examples/simulated-host/simulated-host.ts";
import { buildHostPackage, buildRecipe } from "../../src/pipeline/index.ts";
import { testContext } from "../support/context.ts";

const context = testContext();
const examples = path.join(import.meta.dirname, "../../examples/recipes");

describe("packages of a recipe on a host", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "va-recipe-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Builds both packages of the example recipe in a version. */
  async function build(version: string): Promise<void> {
    const source = path.join(folder, `web-${version}`);
    await cp(path.join(examples, "web"), source, { recursive: true });
    const data = path.join(source, "puppet/web/data/common.yaml");
    await writeFile(data, (await readFile(data, "utf8")).replace("It works", `Version ${version}`));
    const options = { buildTimeSeconds: 1_700_000_000, version };
    await buildRecipe(
      source,
      { outputFolder: path.join(folder, "out"), package: options },
      context,
    );
  }

  it("pass rpm's checks, are installed by dnf, upgraded and removed", async () => {
    const out = path.join(folder, "out");
    await build("1.0");
    await build("1.1");
    const own = { outputFolder: out, version: "1", release: "1", dateSeconds: 1_700_000_000 };
    await buildHostPackage(own, context);
    await using host = await openSimulatedHost(testContext({ temporaryFolder: folder }), {
      provides: ["puppet"],
    });
    await host.copyIn(out, "/srv/out");
    await host.sh("rpm -K --nosignature /srv/out/*.rpm");
    await host.sh("mkdir -p /usr/share/virt-appliance /etc/virt-appliance /etc/puppet/code");
    const dnf = "dnf -q -y --nogpgcheck --setopt=gpgcheck=0 --setopt=localpkg_gpgcheck=0";
    await host.sh(
      `cd /srv/out && ${dnf} install ./virt-appliance-host-*.rpm ./web-appliance-*-1.0-1.noarch.rpm`,
    );
    await host.sh("rpm -V web-appliance-recipe web-appliance-puppet");
    const catalogue = "/usr/share/virt-appliance/catalog.d";
    assert.match(
      await host.readText(`${catalogue}/web-appliance-recipe-1.0-1/web.ks`),
      /^%include/m,
    );
    const { stdout: found } = await host.run([
      "rpm",
      "-q",
      "--whatprovides",
      "virt-appliance-recipe(web)",
    ]);
    assert.match(found, /^web-appliance-recipe-1\.0-1/);

    // The real Puppet finds the module where the package puts it, with the data that it brings.
    const apply = `puppet apply --logdest console -e "include web" >/dev/null && cat /srv/www/index.html`;
    assert.match((await host.sh(apply)).stdout, /Version 1\.0\./);

    await host.sh(`cd /srv/out && ${dnf} upgrade ./web-appliance-*-1.1-1.noarch.rpm`);
    const { stdout: entries } = await host.sh(`ls ${catalogue}`);
    assert.equal(entries, "web-appliance-recipe-1.1-1\n");
    assert.match((await host.sh(apply)).stdout, /Version 1\.1\./);

    await host.sh(`${dnf} remove web-appliance-recipe web-appliance-puppet`);
    assert.equal((await host.sh(`ls ${catalogue}`)).stdout, "");
    await host.sh("test ! -e /usr/share/puppet/modules/web");
  });

  it("of two recipes with a module of one name do not go together", async () => {
    await build("1.0");
    const other = path.join(folder, "other");
    await cp(path.join(examples, "web"), other, { recursive: true });
    const descriptor = path.join(other, "appliance.xml");
    const text = await readFile(descriptor, "utf8");
    await writeFile(descriptor, text.replace(">web<", ">shop<"));
    await writeFile(path.join(other, "puppet/web/data/common.yaml"), "web::greeting: other\n");
    const out = path.join(folder, "out");
    const package_ = { buildTimeSeconds: 1_700_000_000 };
    await buildRecipe(other, { outputFolder: out, package: package_ }, context);
    const root = path.join(folder, "root");
    const files = ["web", "shop"].map((name) => `${out}/${name}-appliance-puppet-1.0-1.noarch.rpm`);
    const base = ["--root", root, "--nosignature", "--nodeps", "-i"];
    const { exitCode, stderr } = await context.run("rpm", [...base, ...files], {
      acceptExitCodes: [1, 2],
    });
    assert.notEqual(exitCode, 0);
    assert.match(stderr, /modules\/web\/data\/common\.yaml .*conflicts/);
  });
});

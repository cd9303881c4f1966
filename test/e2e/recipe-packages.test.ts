import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { openSimulatedHost } from "../../examples/simulated-host/simulated-host.ts";
import { buildHostPackage, buildRecipe } from "../../src/pipeline/index.ts";
import { parseParameters, type RecipeParameter, renderNode } from "../../src/recipe/index.ts";
import { testContext } from "../support/context.ts";
import { temporaryFolder } from "../support/temporary.ts";

const context = testContext();

function parameter(name: string): RecipeParameter {
  const { parameters } = parseParameters(`- { name: ${name} }`, "parameters.yaml");
  const [only] = parameters;
  assert.ok(only !== undefined);
  return only;
}

const examples = path.join(import.meta.dirname, "../../examples/recipes");

describe("packages of a recipe on a host", () => {
  const folder = temporaryFolder({ per: "test" });
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
    // Nothing in them is meant to be edited, and Puppet comes along where there is one.
    const configuration = "rpm -q --configfiles web-appliance-recipe web-appliance-puppet";
    assert.equal((await host.sh(configuration)).stdout, "");
    const { stdout: recommended } = await host.sh("rpm -q --recommends web-appliance-puppet");
    assert.equal(recommended, "(openvox-agent or puppet-agent or puppet)\n");
    const { stdout: places } = await host.sh("rpm -ql web-appliance-recipe web-appliance-puppet");
    for (const place of places.trim().split("\n")) assert.match(place, /^\/usr\/share\//);
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

  it("leave what a site says alone: its data and its classes hold after an upgrade", async () => {
    await build("1.0");
    await build("1.1");
    await using host = await openSimulatedHost(testContext({ temporaryFolder: folder }));
    await host.copyIn(path.join(folder, "out"), "/srv/out");
    const environment = "/etc/puppet/code/environments/production";
    await host.writeText(
      `${environment}/hiera.yaml`,
      `version: 5
defaults: { datadir: data, data_hash: yaml_data }
hierarchy: [{ name: nodes, path: "nodes/%{trusted.certname}.yaml" }]
`,
    );
    const values = [{ name: "greeting", value: "The site's: %{facts.kernel} 'as is'" }];
    const node = renderNode(
      {
        certname: "vm1.example.com",
        module: "web",
        values: values.map(({ name, value }) => ({
          parameter: parameter(name),
          value,
          origin: "x",
        })),
      },
      { masked: true },
    );
    await host.writeText(`${environment}/data/nodes/vm1.example.com.yaml`, node.data);
    await host.writeText(`${environment}/manifests/site.pp`, `${node.manifest}include site_web\n`);
    await host.writeText(
      `${environment}/modules/site_web/manifests/init.pp`,
      `class site_web inherits web {
  File["\${web::root}/index.html"] { mode => '0640' }
  file { '/srv/www/added': content => 'by the site' }
}
`,
    );
    const apply = async (...options: readonly string[]): Promise<string> => {
      const name = ["--certname", "vm1.example.com", "--environment", "production"];
      const command = ["puppet", "apply", "--color", "false", ...name, ...options];
      return (await host.run([...command, `${environment}/manifests`])).stdout;
    };
    const look = async (): Promise<string> =>
      (await host.sh("cd /srv/www && stat -c %a index.html && cat index.html added")).stdout;

    const rpm = "rpm --nosignature --nodeps";
    await host.sh(`${rpm} -i /srv/out/web-appliance-puppet-1.0-1.noarch.rpm`);
    assert.match(await apply("--noop"), /noop/);
    await host.sh("test ! -e /srv/www");
    await apply();
    const before = await look();
    assert.match(before, /^640\n[^]*<p>The site's: %\{facts\.kernel\} 'as is'<\/p>\nby the site$/);

    await host.sh(`${rpm} -U /srv/out/web-appliance-puppet-1.1-1.noarch.rpm`);
    await host.sh("rpm -V --nodeps web-appliance-puppet");
    await apply("--noop");
    await apply();
    assert.equal(await look(), before);
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
    const install = async (...options: readonly string[]): Promise<string> => {
      const words = ["--root", root, "--nosignature", "-i", ...options, ...files];
      const accept = { acceptExitCodes: [1, 2] };
      const { exitCode, stderr } = await context.run("rpm", words, accept);
      assert.notEqual(exitCode, 0);
      return stderr;
    };
    assert.match(await install(), /virt-appliance-puppet-module\(web\) conflicts with .*shop/);
    // Packages that do not say so, such as a distribution's: their files do not.
    assert.match(await install("--nodeps"), /modules\/web\/data\/common\.yaml .*conflicts/);
  });
});

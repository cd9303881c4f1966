import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  osinfoFileName,
  osinfoIdOf,
  type OsinfoInput,
  renderOsinfo,
} from "../../src/package/osinfo.ts";
import { testContext } from "../support/context.ts";
import { withFolder } from "../support/temporary.ts";

const web: OsinfoInput = {
  name: "web",
  version: "1.0",
  release: "1.fc40",
  label: "Web server",
  vcpu: 3,
  memoryKiB: 768 * 1024,
  minimumMemoryKiB: 256 * 1024,
  osinfo: undefined,
};

const cases: Readonly<Record<string, OsinfoInput>> = {
  plain: web,
  "a label with markup": { ...web, label: `Web <&"> server` },
  "a version with tilde, caret and plus": { ...web, version: "1.0~rc1^git+2" },
  "no memory": { ...web, memoryKiB: undefined, minimumMemoryKiB: undefined },
  "a Linux that nobody knows": { ...web, osinfo: "http://debian.org/debian/99" },
  "a name with underscore and dash": { ...web, name: "my_web-site" },
  Windows: { ...web, osinfo: "http://microsoft.com/win/10" },
};

/** Libosinfo's own view of entries in a folder: the table that osinfo-query prints, and its complaints. */
async function query(folder: string): Promise<{ stdout: string; stderr: string }> {
  return testContext().run(
    "osinfo-query",
    ["os", "--fields=short-id,id,family", "vendor=virt-appliance"],
    { env: { OSINFO_LOCAL_DIR: folder } },
  );
}

async function writeEntry(folder: string, input: OsinfoInput): Promise<string> {
  const file = path.join(folder, "os/virt-appliance", osinfoFileName(input));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, renderOsinfo(input));
  return file;
}

describe("osinfo entry", () => {
  for (const [what, input] of Object.entries(cases)) {
    it(
      `of an appliance with ${what} is valid, and libosinfo takes it from its file`,
      withFolder(async (folder) => {
        const file = await writeEntry(folder, input);
        const schema = "/usr/share/osinfo/schema/osinfo.rng";
        await testContext().run("xmllint", ["--noout", "--relaxng", schema, file]);
        const { stdout, stderr } = await query(folder);
        assert.equal(stderr, "");
        assert.ok(stdout.includes(osinfoIdOf(input)), stdout);
        assert.ok(stdout.includes(`${input.name}${input.version}-${input.release}`), stdout);
      }),
    );
  }

  it(
    "names no entry that a host may not know, so virt-install lists every system",
    withFolder(async (folder) => {
      await writeEntry(folder, { ...web, osinfo: "http://fedoraproject.org/fedora/99" });
      const { stdout, stderr } = await testContext().run("virt-install", ["--osinfo", "list"], {
        env: { OSINFO_LOCAL_DIR: folder },
      });
      assert.equal(stderr, "");
      assert.match(stdout, /^web1\.0, web1\.0-1\.fc40$/m);
      assert.match(stdout, /^linux2022$/m);
    }),
  );

  it("keeps the family of a system that is no Linux, and its devices", () => {
    const text = renderOsinfo({ ...web, osinfo: "http://microsoft.com/win/10" });
    assert.match(
      text,
      /<family>winnt<\/family>\n {4}<derives-from id="http:\/\/microsoft.com\/win\/10"\/>/,
    );
  });

  it("states minimum and recommended resources in libosinfo's units", () => {
    const text = renderOsinfo(web).replace(/\s+/g, "");
    assert.ok(
      text.includes(
        '<resourcesarch="all"><minimum><n-cpus>1</n-cpus><ram>268435456</ram></minimum>' +
          "<recommended><n-cpus>3</n-cpus><ram>805306368</ram></recommended></resources>",
      ),
      text,
    );
  });
});

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { planHost } from "../../src/pipeline/host-package.ts";
import { type PackagePlan, planToolPackage } from "../../src/package/index.ts";

const read = (name: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`../../${name}`, import.meta.url)), "utf8");

/** What the staged files of {@link realPlans} hold. */
export const realStaged: Readonly<Record<string, string | Buffer>> = {
  "root.qcow2": "QFI\u00fb system disk",
  "data.qcow2": "QFI\u00fb data disk",
  README: "Read me.\n",
  "virt-appliance.1.gz": gzipSync(".TH VIRT-APPLIANCE 1\n.SH NAME\nvirt-appliance \\- a page\n"),
};

/** The plan of the command line's package without the program; test/conformance/tool-package.test.ts has the whole. */
async function toolPlan(): Promise<PackagePlan> {
  const at = (name: string): Promise<string> => read(`spec-templates/${name}`);
  return planToolPackage({
    version: "0.1.0",
    release: "1",
    dateSeconds: 1_700_000_000,
    texts: {
      launcher: await at("tool/virt-appliance"),
      completion: await at("tool/completion.bash"),
      gcService: await at("tool/virt-appliance-gc.service"),
      gcTimer: await at("tool/virt-appliance-gc.timer"),
      recoverService: await at("tool/virt-appliance-recover.service"),
      preset: await at("tool/80-virt-appliance.preset"),
      license: await read("LICENSE"),
      thirdParty: "None.\n",
      postScriptlet: await at("scriptlets/tool-post.sh"),
      preunScriptlet: await at("scriptlets/tool-preun.sh"),
    },
    stagedManPage: "virt-appliance.1.gz",
    program: { "dist/bundle/main.js": "await 0;\n", "package.json": '{ "type": "module" }\n' },
    libraries: [{ name: "@example/library", version: "1.0.0", license: "MIT" }],
  });
}

/** The plans of packages as users get them: an appliance's, that of the host package and that of the command line. */
export async function realPlans(): Promise<PackagePlan[]> {
  const image: PackagePlan = JSON.parse(await read("test/golden/package/web-appliance.json"));
  const body = await read("spec-templates/scriptlets/post.sh");
  const host = await planHost({ version: "0.1.0", release: "1", dateSeconds: 1_700_000_000 });
  return [
    { ...image, scriptlets: { post: { interpreter: ["/bin/sh"], body } } },
    host,
    await toolPlan(),
  ];
}

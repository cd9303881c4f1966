import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { planHost } from "../../src/pipeline/host-package.ts";
import type { PackagePlan } from "../../src/plan/index.ts";

const read = (name: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`../../${name}`, import.meta.url)), "utf8");

/** What the staged files of {@link realPlans} hold. */
export const realStaged: Readonly<Record<string, string>> = {
  "root.qcow2": "QFI\u00fb system disk",
  "data.qcow2": "QFI\u00fb data disk",
  README: "Read me.\n",
};

/** The plans of packages as users get them: an appliance's, and that of the host package. */
export async function realPlans(): Promise<PackagePlan[]> {
  const image: PackagePlan = JSON.parse(await read("test/golden/plan/web-appliance.json"));
  const body = await read("spec-templates/scriptlets/post.sh");
  const host = await planHost({ version: "0.1.0", release: "1", dateSeconds: 1_700_000_000 });
  return [{ ...image, scriptlets: { post: { interpreter: ["/bin/sh"], body } } }, host];
}

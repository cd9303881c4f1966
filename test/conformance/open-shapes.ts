import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { openCrafter } from "../fixtures/crafted-signature.ts";
import { rpmbuild } from "../fixtures/rpmbuild-package.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { PrivateGpg } from "../support/private-gpg.ts";
import { makeShapes, type Shapes } from "./rpm-shapes.ts";

/** The spec of the package that every shape is made from, from `%description` on. */
export const SHAPE_BODY: string = `%description
A test.
%install
mkdir -p %{buildroot}/opt/small
seq 1 600 > %{buildroot}/opt/small/numbers
ln -s numbers %{buildroot}/opt/small/link
%files
/opt/small
%changelog
* Mon Jan 06 2025 A Builder <a@example.com> - 1-1
- Made.
`;

/** Packages of every shape, and the keys of their signatures but one, which nobody knows. */
export interface OpenedShapes {
  readonly shapes: Shapes;
  /** Paths of public keys. */
  readonly keyFiles: readonly string[];
}

/** Makes a package of each shape, from one of rpmbuild. */
export async function openShapes(folder: string): Promise<OpenedShapes> {
  const [built = ""] = await rpmbuild(folder, "shapes", { body: SHAPE_BODY });
  const base = await readFile(built);
  const gpg = new PrivateGpg(folder);
  try {
    const { generated } = await testKey();
    const dsa = await gpg.makeKey("dsa", "dsa2048", "sign", "never");
    const edwards = await gpg.makeKey("ed25519", "ed25519", "sign", "never");
    await gpg.makeKey("stranger", "rsa2048", "sign", "never");
    let count = 0;
    const shapes = await makeShapes({
      base,
      crafter: await openCrafter(),
      gpg: async (kind, data) => {
        const file = path.join(folder, `signed-${(count += 1)}`);
        await writeFile(file, data);
        const user = ["--local-user", `${kind}@example.com`, "--digest-algo", "SHA256"];
        await gpg.quiet(...user, "--output", `${file}.sig`, "--detach-sign", file);
        return readFile(`${file}.sig`);
      },
    });
    return { shapes, keyFiles: [generated.publicPath, dsa.public, edwards.public] };
  } finally {
    await gpg.stop();
  }
}

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { openCrafter } from "../fixtures/crafted-signature.ts";
import { testKey } from "../fixtures/signing-key.ts";
import { PrivateGpg } from "../support/private-gpg.ts";
import { makeShapes, type Shapes } from "./rpm-shapes.ts";

/** Packages of every shape, and the keys of their signatures but one, which nobody knows. */
export interface OpenedShapes {
  readonly shapes: Shapes;
  /** Paths of public keys. */
  readonly keyFiles: readonly string[];
}

/**
 * Makes a package of each shape.
 *
 * @param base  a package of rpmbuild with a gzip payload, unsigned
 */
export async function openShapes(folder: string, base: Buffer): Promise<OpenedShapes> {
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

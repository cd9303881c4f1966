import path from "node:path";
import { bundleProgram } from "./bundle-program.ts";

// usage: main.ts [FOLDER]: writes the bundle to FOLDER (default: dist/bundle).
await bundleProgram(
  path.resolve(process.argv[2] ?? path.join(import.meta.dirname, "../../dist/bundle")),
);

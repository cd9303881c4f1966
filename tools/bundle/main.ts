import path from "node:path";
import { bundleProgram } from "./bundle-program.ts";

// usage: main.ts [FOLDER]: makes the bundle there, in dist/bundle unless told.
await bundleProgram(
  path.resolve(process.argv[2] ?? path.join(import.meta.dirname, "../../dist/bundle")),
);

import { writeFile } from "node:fs/promises";
import path from "node:path";
import { drawChain } from "./draw-chain.ts";

// usage: main.ts: draws the picture of the README.
await writeFile(path.join(import.meta.dirname, "../../docs/chain.svg"), drawChain());

import { writeFile } from "node:fs/promises";
import path from "node:path";
import { PAGE, renderCommandsPage } from "./render-page.ts";

// usage: main.ts: writes the reference of the commands anew.
await writeFile(path.join(import.meta.dirname, "../..", PAGE), await renderCommandsPage());

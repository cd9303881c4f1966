import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { PAGE, renderCommandsPage } from "../../tools/commands-page/render-page.ts";

describe(PAGE, () => {
  it("is as the definitions of the commands say", async () => {
    const page = await readFile(path.join(import.meta.dirname, "../..", PAGE), "utf8");
    assert.equal(await renderCommandsPage(), page, `${PAGE}: run \`make docs\``);
  });
});
